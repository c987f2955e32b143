from belgenet.testing.demo.data.texts import CourseText, LessonText

PRIORITY = """
<p>Günün sonunda yorgun ama sonuçsuz kaldığınızı düşünüyorsanız sorun çoğu zaman süre değil, sıradır.</p>
<h2>Önemli mi, acil mi?</h2>
<table>
<thead><tr><th scope="col"></th><th scope="col">Acil</th><th scope="col">Acil değil</th></tr></thead>
<tbody>
<tr><th scope="row">Önemli</th><td>Hemen yapınız</td><td><strong>Takvime yazınız</strong></td></tr>
<tr><th scope="row">Önemsiz</th><td>Devrediniz</td><td>Bırakınız</td></tr>
</tbody>
</table>
<p>Asıl kazanç sağ üst köşededir: önemli olduğu hâlde acil olmayan işler takvime girmezse hiçbir zaman yapılmaz.</p>
<h2>Alıştırma</h2>
<p>Yarın yapacağınız işleri yazınız ve her birini dört kutudan birine koyunuz. Sağ üst kutudan bir iş seçip yarın sabah için
kendinize kırk beş dakika ayırınız.</p>
"""

FOCUS = """
<p>Dikkat bölündüğünde aynı derinliğe dönmek dakikalar alır. Bu yüzden kısa ama bölünmemiş çalışma, uzun ve kesintili çalışmadan
verimlidir.</p>
<ol>
<li>Tek bir iş seçiniz ve masadan ötekileri kaldırınız.</li>
<li>Telefonu başka bir odaya bırakınız; bildirimleri kapatınız.</li>
<li>Yirmi beş dakika çalışınız, beş dakika ara veriniz.</li>
<li>Dört turdan sonra yarım saat dinleniniz.</li>
</ol>
<p>Süreyi kendinize göre ayarlayabilirsiniz; önemli olan, ara verirken de ekrandan uzaklaşmaktır.</p>
"""

MEETING = """
<p>Gündemi olmayan toplantı sohbettir. Toplantı çağırmadan önce kendinize sorunuz: <em>Hangi kararı alacağız?</em>
Yanıtı yoksa bir
e-posta yeter.</p>
<ul>
<li>Gündemi ve süreyi çağrıya yazınız.</li>
<li>Yalnızca karar için gereken kişileri çağırınız.</li>
<li>Sonunda kim, neyi, ne zamana kadar yapacak; yazıya dökünüz.</li>
</ul>
<p>Otuz dakikalık toplantıyı yirmi beş dakikada bitirmek, herkesin bir sonraki işine zamanında başlamasını sağlar.</p>
"""

TIME = CourseText(
    slug="zaman-yonetimi",
    title="Verimli Çalışma ve Zaman Yönetimi",
    summary="Önceliği belirlemek, dikkati korumak ve toplantıları kısaltmak için uygulanabilir üç yöntem.",
    description=(
        "Üç kısa derste, hemen ertesi gün uygulayabileceğiniz yöntemler: önem ve aciliyeti ayırmak, bölünmeden "
        "çalışmak ve toplantıyı "
        "kararla bitirmek. Her dersin sonunda küçük bir alıştırma vardır."
    ),
    price="250.00",
    sections={
        "Kendi zamanınız": [
            LessonText("Önemli mi, acil mi?", 8, PRIORITY),
            LessonText("Bölünmeden çalışmak", 7, FOCUS),
        ],
        "Ortak zamanınız": [LessonText("Toplantıyı kısaltmak", 6, MEETING)],
    },
)
