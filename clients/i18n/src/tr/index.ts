import academy from "./academy.json";
import account from "./account.json";
import auth from "./auth.json";
import certificates from "./certificates.json";
import common from "./common.json";
import giving from "./giving.json";
import orders from "./orders.json";

export default { common, auth, account, giving, academy, orders, certificates };
