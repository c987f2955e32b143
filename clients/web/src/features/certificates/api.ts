export type { CertificateOut as Certificate } from "@belgenet/api";
export { downloadCertificate, requestCertificate } from "@belgenet/api";
export { listMyCertificatesInfiniteOptions as myCertificatesQuery } from "@belgenet/api/query";
