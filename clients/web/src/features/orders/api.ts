export type { Order, OrderLine } from "@belgenet/api";
export { cancelOrder, startPayment, syncOrder } from "@belgenet/api";
export {
  getOrderOptions as orderQuery,
  listMyOrdersInfiniteOptions as myOrdersQuery,
} from "@belgenet/api/query";
