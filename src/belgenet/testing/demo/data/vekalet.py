"""The vekâlet text in the form common among Turkish charities, with what a proxy must also say: on whose behalf, sub-delegation,
distribution and refunds. An institution has its own scholars read it before use.
"""

TITLE = {"tr": "Kurban Vekâleti", "en": "Proxy for the Qurban"}

BODY = {
    "tr": (
        "Kurbanımı satın almaya ve aldırmaya, kesmeye ve kestirmeye, bununla ilgili bütün işleri yapmaya ve "
        "yaptırmaya Kurban Cebimde "
        "Vakfını vekil tayin ettim.\n\n"
        "1. Bu vekâleti, siparişte adını ve niyetini belirttiğim hissedarlar adına ve onların bilgisi dâhilinde "
        "veriyorum; vefat etmiş "
        "olanlar için yakını sıfatıyla veriyorum.\n"
        "2. Vakıf bu vekâleti kısmen ya da tamamen, kesimi yapacak kişi ve kuruluşlara devredebilir.\n"
        "3. Kurban, belirtilen kesim tarihinde ve bölgede kesilir; kesimden önce her hisse belirli bir hayvana "
        "ayrılır. Zorunlu bir "
        "nedenle bölge değişirse bana bildirilir.\n"
        "4. Etin tamamı, vakfın uygun gördüğü ihtiyaç sahiplerine dağıtılır. Belirli bir miktarda et taahhüt edilmemiştir.\n"
        "5. Kesim gerçekleşmeden önce vazgeçersem ödediğim bedel bana iade edilir; kesimden sonra iade yapılmaz.\n"
        "6. Bu metnin sürümü, özeti (SHA-256), onay zamanı ve onayın verildiği adres, her hisse için ayrı ayrı kayda geçirilir."
    ),
    "en": (
        "I appoint the Kurban Cebimde Foundation as my proxy to buy my qurban or have it bought, to slaughter it or "
        "have it slaughtered, "
        "and to do everything connected with it or have it done.\n\n"
        "1. I give this proxy on behalf of the shareholders whose names and intentions I state in the order and with "
        "their knowledge; "
        "for those who have passed away, as their relative.\n"
        "2. The foundation may pass this proxy on, in part or in whole, to the persons and organisations that carry out the "
        "slaughter.\n"
        "3. The qurban is slaughtered on the stated day and in the stated region; each share is assigned to a particular animal "
        "beforehand. If the region has to change, I am told.\n"
        "4. All of the meat is distributed to people in need whom the foundation finds suitable. No particular amount of meat is "
        "promised.\n"
        "5. If I withdraw before the slaughter, what I paid is returned; after the slaughter there is no refund.\n"
        "6. The version of this text, its digest (SHA-256), the time of acceptance and the address it was accepted "
        "from are recorded "
        "for each share."
    ),
}
