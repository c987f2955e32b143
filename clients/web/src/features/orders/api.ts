export type { OrderOut as Order } from "@belgenet/api";
export { cancelOrder, payOrder, syncOrder } from "@belgenet/api";
export {
  getOrderOptions as orderQuery,
  listMyOrdersInfiniteOptions as myOrdersQuery,
} from "@belgenet/api/query";
