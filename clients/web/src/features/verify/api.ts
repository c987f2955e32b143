export type { VerificationOut as Verification } from "@belgenet/api";
export { verifyCertificateOptions as verificationQuery } from "@belgenet/api/query";
