"""Django REST Framework, written as its documentation suggests: authentication and permission classes, serializers, prefetch."""

import os
import uuid
from decimal import Decimal
from urllib.parse import urlsplit

import django
from django.conf import settings
from peers.shared import IDENTITY, PRIVILEGED, Tenants, claims_of, cursor_of, money, timestamp

_URL = urlsplit(os.environ["PEER_DATABASE_URL"])
_DATABASE = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": _URL.path[1:],
    "USER": _URL.username,
    "PASSWORD": _URL.password,
    "HOST": _URL.hostname,
    "PORT": _URL.port,
    "ATOMIC_REQUESTS": True,
}
if os.environ.get("PEER_POOL"):
    _DATABASE["OPTIONS"] = {"pool": {"min_size": 4, "max_size": 8}}
else:
    _DATABASE["CONN_MAX_AGE"] = None

settings.configure(
    DEBUG=False,
    SECRET_KEY="x" * 50,
    ALLOWED_HOSTS=[".localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={"default": _DATABASE},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import Http404  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.authentication import BaseAuthentication  # noqa: E402
from rest_framework.exceptions import PermissionDenied  # noqa: E402
from rest_framework.generics import RetrieveAPIView  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Order(models.Model):
    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    number = models.TextField()
    account_id = models.UUIDField()
    status = models.TextField()
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    locale = models.TextField()
    contact_name = models.TextField()
    contact_email = models.TextField()
    contact_phone = models.TextField(null=True)
    client_address = models.TextField(null=True)
    hold_expires_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    allocated_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    cancel_reason = models.TextField(null=True)
    version = models.IntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "peer"
        db_table = "orders"
        managed = False


class OrderLine(models.Model):
    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    order = models.ForeignKey(Order, models.DO_NOTHING, related_name="lines")
    position = models.IntegerField()
    kind = models.TextField()
    ref = models.TextField()
    title = models.TextField()
    category = models.TextField()
    quantity = models.IntegerField()
    unit_price_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    tax_rate_percent = models.DecimalField(max_digits=5, decimal_places=2)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    revenue_account = models.TextField()
    certificate_follows = models.BooleanField()
    state = models.TextField()
    details = models.JSONField()

    class Meta:
        app_label = "peer"
        db_table = "order_lines"
        managed = False
        ordering = ("position",)


class Payment(models.Model):
    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    order = models.ForeignKey(Order, models.DO_NOTHING, related_name="payments")
    provider = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField()
    decline = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "peer"
        db_table = "payments"
        managed = False
        ordering = ("id",)


class Certificate(models.Model):
    id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    order = models.ForeignKey(Order, models.DO_NOTHING, related_name="certificates")
    code = models.CharField(max_length=16)
    state = models.TextField()
    current = models.BooleanField()

    class Meta:
        app_label = "peer"
        db_table = "certificates"
        managed = False
        ordering = ("id",)


_tenants = Tenants()


class Who:
    """The account of a verified token."""

    is_authenticated = True

    def __init__(self, account_id: uuid.UUID, tenant_id: uuid.UUID, roles: frozenset[str]) -> None:
        self.account_id, self.tenant_id, self.roles = account_id, tenant_id, roles


class Bearer(BaseAuthentication):
    """Token, tenant of the host, living session, roles of now."""

    def authenticate(self, request):
        claims = claims_of(request.headers.get("Authorization", ""))
        if claims is None:
            return None
        with connection.cursor() as cursor:
            if _tenants.stale:
                cursor.execute("SELECT slug, id FROM tenants")
                _tenants.fill(cursor.fetchall())
            tenant_id = _tenants.by_host.get(request.get_host().partition(":")[0])
            if tenant_id is None or claims["tid"] != str(tenant_id):
                return None
            named = {"session": claims["sid"], "account": claims["sub"], "tenant": tenant_id}
            cursor.execute(IDENTITY.format(session="%(session)s", account="%(account)s", tenant="%(tenant)s"), named)
            row = cursor.fetchone()
        return (Who(uuid.UUID(claims["sub"]), tenant_id, frozenset(row[2])), claims) if row else None

    def authenticate_header(self, request):  # noqa: ARG002 - Django REST Framework calls it so
        return "Bearer"


class Amount(serializers.Field):
    """``<name>_minor`` of a row as money."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(source="*", read_only=True)

    def to_representation(self, row):
        currency = row.currency if hasattr(row, "currency") else row.order.currency
        return money(getattr(row, self.column), currency)


class Time(serializers.Field):
    def to_representation(self, value):
        return timestamp(value)


class Percent(serializers.Field):
    def to_representation(self, value: Decimal):
        return f"{value.normalize():f}"


class LineOut(serializers.ModelSerializer):
    unit_price = Amount("unit_price_minor")
    total = Amount("total_minor")
    tax = Amount("tax_minor")
    tax_rate_percent = Percent()

    class Meta:
        model = OrderLine
        fields = (
            "id",
            "kind",
            "ref",
            "title",
            "quantity",
            "unit_price",
            "total",
            "tax",
            "tax_rate_percent",
            "state",
            "details",
        )


class PaymentOut(serializers.ModelSerializer):
    amount = Amount("amount_minor")
    created_at = Time()

    class Meta:
        model = Payment
        fields = ("id", "provider", "state", "amount", "decline", "created_at")


class CertificateOut(serializers.ModelSerializer):
    status = serializers.CharField(source="state")

    class Meta:
        model = Certificate
        fields = ("id", "status", "code")


class OrderOut(serializers.ModelSerializer):
    total = Amount("total_minor")
    paid = Amount("paid_minor")
    refunded = Amount("refunded_minor")
    lines = LineOut(many=True)
    payments = PaymentOut(many=True)
    certificates = CertificateOut(many=True)
    hold_expires_at = Time()
    created_at = Time()

    class Meta:
        model = Order
        fields = (
            "id",
            "number",
            "status",
            "total",
            "paid",
            "refunded",
            "currency",
            "lines",
            "payments",
            "hold_expires_at",
            "certificates",
            "created_at",
            "version",
        )


class OrderRow(serializers.ModelSerializer):
    customer = serializers.CharField(source="contact_name")
    email = serializers.CharField(source="contact_email")
    total = Amount("total_minor")
    paid = Amount("paid_minor")
    refunded = Amount("refunded_minor")
    created_at = Time()

    class Meta:
        model = Order
        fields = ("id", "number", "status", "customer", "email", "total", "paid", "refunded", "created_at")


class OneOrder(RetrieveAPIView):
    authentication_classes = (Bearer,)
    serializer_class = OrderOut

    def get_queryset(self):
        here = {"tenant_id": self.request.user.tenant_id}
        return Order.objects.filter(**here).prefetch_related(
            models.Prefetch("lines", OrderLine.objects.filter(**here)),
            models.Prefetch("payments", Payment.objects.filter(**here)),
            models.Prefetch("certificates", Certificate.objects.filter(**here, current=True)),
        )

    def check_object_permissions(self, request, obj):
        who = request.user
        if obj.account_id != who.account_id and not PRIVILEGED & who.roles:
            raise Http404

    def retrieve(self, request, *args, **kwargs):
        answer = super().retrieve(request, *args, **kwargs)
        answer["ETag"] = f'"v{answer.data["version"]}"'
        answer["Cache-Control"] = "no-store"
        return answer


class AllOrders(APIView):
    authentication_classes = (Bearer,)

    def get(self, request):
        if "TENANT_ADMIN" not in request.user.roles:
            raise PermissionDenied
        limit = min(int(request.query_params.get("limit", 50)), 200)
        rows = list(Order.objects.filter(tenant_id=request.user.tenant_id).order_by("-id")[: limit + 1])
        following = cursor_of(rows[limit - 1].id) if len(rows) > limit else None
        items = OrderRow(rows[:limit], many=True).data
        return Response({"items": items, "next": following}, headers={"Cache-Control": "no-store"})


urlpatterns = [
    path("api/v1/orders/<uuid:pk>", OneOrder.as_view()),
    path("api/v1/admin/orders", AllOrders.as_view()),
]
application = get_wsgi_application()
