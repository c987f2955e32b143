from belgenet.testing.demo.data.texts import CourseText, LessonText

DE_KI = """
<p>Resmî yazılarda en sık görülen yanlışlar <em>de</em> ile <em>ki</em> üzerinedir. İkisinin de hem bağlaç hem ek
olanı vardır; bağlaç
ayrı, ek bitişik yazılır.</p>
<h2>de / da</h2>
<p>Cümleden çıkardığınızda anlam bozulmuyor, yalnızca daralıyorsa bağlaçtır ve <strong>ayrı</strong> yazılır; hiçbir zaman
<em>te</em>, <em>ta</em> olmaz.</p>
<ul>
<li>Toplantıya müdür <strong>de</strong> katıldı. (bağlaç)</li>
<li>Dosya müdür<strong>de</strong> kaldı. (bulunma eki)</li>
</ul>
<h2>ki</h2>
<ul>
<li>Duydum <strong>ki</strong> taşınmışsınız. (bağlaç, ayrı)</li>
<li>Yarın<strong>ki</strong> toplantı, bizim<strong>ki</strong>ler. (ek, bitişik)</li>
</ul>
<p>Kalıplaşmış sekiz sözcük bitişik yazılır: <em>belki, çünkü, hâlbuki, mademki, meğerki, oysaki, sanki, illaki</em>.</p>
"""

QUESTION = """
<p>Soru eki <em>mı, mi, mu, mü</em> kendinden önceki sözcükten her zaman <strong>ayrı</strong> yazılır; kendinden
sonra gelen ekler ise
ona bitişir.</p>
<ul>
<li>Geldiniz <strong>mi</strong>? – Gelecek <strong>misiniz</strong>?</li>
<li>Güzel <strong>mi</strong> güzel bir gün. (Soru anlamı olmasa da ayrıdır.)</li>
</ul>
<h2>Büyük harfle başlayanlar</h2>
<p>Kurum, kuruluş ve kurul adlarının her sözcüğü büyük harfle başlar: <em>Türk Dil Kurumu</em>. Belirli bir tarihi
bildiren ay ve gün
adları da büyük yazılır: <em>29 Mayıs 1453 Salı günü</em>; tarih belirsizse küçük: <em>okullar eylülde açılır</em>.</p>
"""

COMMA = """
<p>Virgül soluk almak için değil, okuru yanlıştan korumak için konur.</p>
<h2>Nereye konur?</h2>
<ul>
<li>Eş görevli sözcüklerin arasına: <em>Kalem, defter, silgi alınacaktır.</em></li>
<li>Sıralı cümlelerin arasına: <em>Başvuru yapıldı, sonuç beklendi.</em></li>
<li>Uzun cümlede yükleminden uzak düşmüş özneden sonra.</li>
</ul>
<h2>Nereye konmaz?</h2>
<ul>
<li><em>ve, veya, yahut</em> bağlaçlarından önce ya da sonra;</li>
<li><em>-ınca, -ıp, -arak</em> gibi zarf-fiil eki almış sözcüklerden sonra;</li>
<li>özne ile yüklem yan yanaysa aralarına.</li>
</ul>
"""

LETTER = """
<p>Resmî yazı kısa, açık ve nesnel olur. Önce <strong>ne istendiği</strong>, sonra <strong>niçin istendiği</strong> yazılır.</p>
<h2>Bitiriş</h2>
<table>
<thead><tr><th scope="col">Kime?</th><th scope="col">Nasıl biter?</th></tr></thead>
<tbody>
<tr><td>Üst makama</td><td>Arz ederim.</td></tr>
<tr><td>Alt makama</td><td>Rica ederim.</td></tr>
<tr><td>Birden çok makama</td><td>Arz ve rica ederim.</td></tr>
<tr><td>Kişilere</td><td>Saygılarımla.</td></tr>
</tbody>
</table>
<p>Cümleleri okuyunuz; bir solukta okunamayan cümle ikiye bölünmelidir.</p>
"""

WRITING = CourseText(
    slug="turkce-yazim",
    title="Türkçe Yazım ve Noktalama",
    summary="Bağlaç olan de ile ki, soru eki, virgül ve resmî yazı: en çok karıştırılanlar, örnekleriyle.",
    description=(
        "İş yazışmalarında güven veren bir dil, doğru yazımla başlar. Bu eğitimde en sık yapılan yanlışları tek tek "
        "ele alıyor, her "
        "kuralı kısa örneklerle gösteriyoruz. Son derste resmî bir yazının nasıl kurulacağını göreceksiniz."
    ),
    price="350.00",
    sections={
        "Yazım": [
            LessonText("Ayrı mı, bitişik mi: de ve ki", 9, DE_KI),
            LessonText("Soru eki ve büyük harf", 8, QUESTION),
        ],
        "Noktalama ve üslup": [LessonText("Virgül", 7, COMMA), LessonText("Resmî yazı", 10, LETTER)],
    },
)
