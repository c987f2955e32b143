from belgenet.testing.demo.data.texts import CourseText, LessonText

PASSWORDS = """
<p>Hesaplarınızın çoğunu koruyan tek şey bir paroladır. İyi bir parolanın sırrı karmaşık olması değil, <strong>uzun
ve tek</strong>
olmasıdır: uzun olan parola denenerek bulunamaz, tek olan parola bir site sızdırıldığında öteki hesaplarınızı ele vermez.</p>
<h2>Üç kural</h2>
<ol>
<li><strong>En az on iki karakter seçiniz.</strong> Birbiriyle ilgisiz dört sözcük, hem uzun hem akılda kalıcıdır.</li>
<li><strong>Her hesap için ayrı bir parola kullanınız.</strong> Özellikle e-posta hesabınızınki başka hiçbir yerde geçmemelidir;
çünkü öteki hesapların parolası oradan yenilenir.</li>
<li><strong>Parolaları bir parola yöneticisinde saklayınız.</strong> Yalnızca yöneticinin parolasını ezberlemeniz yeter.</li>
</ol>
<h2>Neler parola olmaz?</h2>
<p>Doğum tarihi, çocuğunuzun adı, plaka, futbol takımı ve klavyede yan yana duran harfler ilk denenenlerdir. Sonuna eklenen bir
ünlem işareti ya da yıl da kimseyi şaşırtmaz.</p>
<blockquote>Parolanızı hiç kimse, hiçbir zaman telefonla, SMS ile ya da e-postayla istemez. İsteyen varsa
dolandırıcıdır.</blockquote>
"""

TWO_STEPS = """
<p>Parola bir gün sızabilir. İki adımlı doğrulama açıksa parolayı bilen kişi yine de giremez; çünkü ikinci adım yalnızca sizin
elinizdeki bir şeye bağlıdır.</p>
<h2>Hangi yöntem?</h2>
<table>
<thead><tr><th scope="col">Yöntem</th><th scope="col">Güvenliği</th><th scope="col">Ne zaman?</th></tr></thead>
<tbody>
<tr><td>Geçiş anahtarı (passkey)</td><td>En yüksek; sahte sitede çalışmaz</td><td>Site sunuyorsa ilk tercih</td></tr>
<tr><td>Doğrulama uygulaması</td><td>Yüksek</td><td>Çoğu hesap için uygundur</td></tr>
<tr><td>SMS</td><td>Orta; hat kopyalanabilir</td><td>Başka yol yoksa</td></tr>
</tbody>
</table>
<h2>Unutmayınız</h2>
<ul>
<li>Size verilen <em>yedek kodları</em> yazdırıp evde güvenli bir yerde saklayınız.</li>
<li>Beklemediğiniz bir onay bildirimi gelirse <strong>onaylamayınız</strong> ve parolanızı hemen değiştiriniz.</li>
</ul>
"""

PHISHING = """
<p>Oltalama, sizi acele ettirerek düşünmeden tıklatmaya çalışan sahte bir iletidir. Saldırgan çoğu zaman bir banka,
kargo firması ya
da kurum yöneticisi kılığına girer.</p>
<h2>Nasıl tanınır?</h2>
<ul>
<li><strong>Acele ettirir:</strong> “Hesabınız bir saat içinde kapatılacaktır.”</li>
<li><strong>Adres tutmaz:</strong> bağlantının üzerine geldiğinizde görünen adres, kurumun adresi değildir.</li>
<li><strong>Gizli bilgi ister:</strong> parola, kart numarası ya da SMS ile gelen kod.</li>
<li><strong>Ek gönderir:</strong> beklemediğiniz bir fatura ya da sipariş formu.</li>
</ul>
<h2>Ne yapmalı?</h2>
<p>Bağlantıya tıklamayınız; kurumun adresini tarayıcıya kendiniz yazınız ya da kurumu bildiğiniz numaradan arayınız. İş yerinizde
iletiyi bilgi işlem birimine haber veriniz: sizden sonra gelenleri de korumuş olursunuz.</p>
"""

INCIDENT = """
<p>Herkes bir gün yanlış bağlantıya tıklayabilir. Zararı büyüten, çoğu zaman tıklamak değil, <strong>saklamaktır</strong>.</p>
<h2>İlk on dakika</h2>
<ol>
<li>Bilgisayarı kapatmayınız; ağ bağlantısını kesiniz.</li>
<li>Başka bir cihazdan ilgili hesabın parolasını değiştiriniz ve bütün oturumları sonlandırınız.</li>
<li>Kart bilgisi verdiyseniz bankanızı arayıp kartı kapattırınız.</li>
<li>Kurumunuzun bilgi işlem birimine ne olduğunu, saatiyle birlikte, olduğu gibi anlatınız.</li>
</ol>
<h2>Sonrası</h2>
<p>Kişisel verilerin etkilendiği durumlarda veri sorumlusu, 6698 sayılı Kanun uyarınca Kişisel Verileri Koruma Kurumuna bildirimde
bulunur. Bu bildirimin süresi ihlalin öğrenilmesiyle başlar; onun için haber vermekte gecikmeyiniz.</p>
"""

SECURITY = CourseText(
    slug="bilgi-guvenligi",
    title="Bilgi Güvenliği Temelleri",
    summary="Parola, iki adımlı doğrulama ve oltalama: her çalışanın bir saatte öğrenebileceği korunma yolları.",
    description=(
        "Bu eğitim, bilgisayarla çalışan herkes için hazırlanmıştır; teknik bilgi gerektirmez. Güçlü parola seçmeyi, iki adımlı "
        "doğrulamayı, sahte iletileri tanımayı ve bir olay yaşandığında ilk on dakikada yapılacakları öğrenirsiniz. "
        "Bütün dersleri "
        "tamamlayanlara doğrulanabilir bir katılım sertifikası verilir."
    ),
    price="450.00",
    sections={
        "Hesabınızı korumak": [
            LessonText("Güçlü parola: kısa film", 1, video="guclu-parola.webm"),
            LessonText("Güçlü parola nasıl seçilir?", 8, PASSWORDS),
            LessonText("İki adımlı doğrulama", 7, TWO_STEPS),
        ],
        "Dikkatli olmak": [
            LessonText("Oltalama iletilerini tanımak", 10, PHISHING),
            LessonText("Bir şey olduysa: ilk on dakika", 8, INCIDENT),
        ],
    },
)
