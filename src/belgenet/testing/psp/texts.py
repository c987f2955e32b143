"""The hosted page's words, Turkish and English."""

from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import format_currency

TEXTS: Mapping[str, Mapping[str, str]] = {
    "tr": {
        "banner": "TEST ÖDEME SAĞLAYICI",
        "banner_note": "Gerçek para çekilmez. Yalnızca aşağıdaki test kartları kabul edilir.",
        "title": "Güvenli ödeme (test)",
        "order": "Sipariş",
        "summary": "Sipariş özeti",
        "total": "Toplam",
        "card_details": "Kart bilgileri",
        "holder": "Kart üzerindeki ad",
        "number": "Kart numarası",
        "month": "Ay",
        "year": "Yıl",
        "cvc": "Güvenlik kodu",
        "installment": "Taksit",
        "single": "Tek çekim",
        "times": "{n} taksit",
        "pay": "{amount} öde",
        "paying": "Ödeme yapılıyor…",
        "back": "Ödemeden geri dön",
        "cards": "Test kartları",
        "cards_note": "Bir karta dokunun; form onunla dolar. Son kullanma tarihi gelecekte, güvenlik kodu 123.",
        "ok": "Ödeme onaylanır",
        "insufficient": "Bakiye yetersiz",
        "declined": "Banka reddeder",
        "expired": "Süresi dolmuş kart",
        "cvc_wrong": "Güvenlik kodu hatalı",
        "error_declined": "Ödemeniz alınamadı. Lütfen başka bir kartla yeniden deneyiniz.",
        "error_expired": "Ödeme süresi doldu. Lütfen mağazaya dönüp yeniden başlayınız.",
        "error_date": "Kartın son kullanma tarihi geçmiş. Lütfen tarihi denetleyiniz.",
        "error_unknown": "Böyle bir ödeme sayfası yok.",
        "returning": "Ödemeniz işlendi, mağazaya dönülüyor…",
        "continue": "Mağazaya dön",
        "language": "English",
        "other": "en",
        "index": "Burada görülecek bir şey yok: ödeme sayfaları yalnızca mağazadan açılır.",
    },
    "en": {
        "banner": "TEST PAYMENT PROVIDER",
        "banner_note": "No money moves. Only the test cards below are accepted.",
        "title": "Secure payment (test)",
        "order": "Order",
        "summary": "Order summary",
        "total": "Total",
        "card_details": "Card details",
        "holder": "Name on card",
        "number": "Card number",
        "month": "Month",
        "year": "Year",
        "cvc": "Security code",
        "installment": "Instalments",
        "single": "Single payment",
        "times": "{n} instalments",
        "pay": "Pay {amount}",
        "paying": "Paying…",
        "back": "Go back without paying",
        "cards": "Test cards",
        "cards_note": "Tap a card to fill the form with it. Any future expiry date, security code 123.",
        "ok": "Payment is approved",
        "insufficient": "Insufficient funds",
        "declined": "Bank declines",
        "expired": "Expired card",
        "cvc_wrong": "Wrong security code",
        "error_declined": "Your payment was not accepted. Please try again with another card.",
        "error_expired": "The time for this payment has run out. Please go back to the shop and start again.",
        "error_date": "The card's expiry date has passed. Please check the date.",
        "error_unknown": "There is no such payment page.",
        "returning": "Your payment was processed, taking you back to the shop…",
        "continue": "Back to the shop",
        "language": "Türkçe",
        "other": "tr",
        "index": "There is nothing to see here: payment pages are opened from a shop only.",
    },
}


def texts(locale: str) -> Mapping[str, str]:
    """Return the words of a locale; anything but English is Turkish."""
    return TEXTS["en" if locale.startswith("en") else "tr"]


def money(amount: Decimal, currency: str, locale: str) -> str:
    """Return an amount as its reader writes it: ₺1.250,00 or TRY 1,250.00."""
    if locale.startswith("en"):
        return str(format_currency(amount, currency, "¤¤\u00a0#,##0.00", locale="en"))
    return str(format_currency(amount, currency, locale="tr"))
