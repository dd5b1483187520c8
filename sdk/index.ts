/**
 * ACME accounts, certificates and their deployment to hosts, as Pulumi resources.
 *
 * The public surface: classes and the types of their arguments. What they do runs in another process, and is loaded there
 * (`pulumi-acme/provider`); a program loads none of it.
 *
 * @packageDocumentation
 */
export { DnsCertificate } from "./components/dns-certificate";
export type {
  CreateRecord,
  CreateRecordSet,
  DnsCertificateArgs,
  DnsCertificateSettings,
  RecordCreators,
} from "./components/dns-certificate-args";
export { NginxHttpsSite } from "./components/nginx-https-site";
export type {
  NginxHttpsSiteArgs,
  NginxHttpsTlsArgs,
  StatelessAccountReference,
} from "./components/nginx-https-site-args";
export { AcmeAccount } from "./resources/acme-account";
export type {
  AcmeAccountArgs,
  CaaOptions,
  ExternalAccountBindingArgs,
  PersistentDnsRecordOptions,
} from "./resources/acme-account";
export type { KeyType } from "./x509/key-types";
export type { PersistentDnsRecord } from "./challenges/dns-persist-01/record";
export { AcmeCertificate } from "./resources/acme-certificate";
export type { RenewalFailure, RenewalInfo } from "./resources/acme-certificate";
export type {
  AcmeCertificateArgs,
  ExistingCertificateArgs,
  RevocationReason,
} from "./resources/acme-certificate-args";
export { AcmeOrder } from "./resources/acme-order";
export type { AcmeOrderArgs } from "./resources/acme-order-args";
export { AcmeDnsRegistration } from "./resources/acme-dns-registration";
export type {
  AcmeDnsCredentials,
  AcmeDnsRegistrationArgs,
  DelegationRecord,
} from "./resources/acme-dns-registration";
export type { CaaRecord } from "./resources/caa";
export { CertificateDeployment } from "./resources/certificate-deployment";
export type {
  CertificateDeploymentArgs,
  CertificateDeploymentSettings,
  CertificateToCome,
  CertificateToDeploy,
  DeployedFile,
  DeployedFileState,
  VerifyArgs,
} from "./resources/certificate-deployment";
export type { FileContent } from "./deploy/file-request";
export type { DeploymentService } from "./deploy/services";
export type { StartTls } from "./deploy/starttls";
export type {
  ChallengeValue,
  DnsChallengeRecord,
  DnsChallengeRecordSet,
  HttpChallengeResource,
} from "./resources/challenge-records";
export type { ConnectionArgs, TargetArgs } from "./resources/connection-args";
export { directories } from "./resources/directories";
export { NginxSite } from "./resources/nginx-site";
export type {
  NginxChallengeArgs,
  NginxChallengeKinds,
  NginxClientCertificateArgs,
  NginxHstsArgs,
  NginxListenArgs,
  NginxLocationArgs,
  NginxSiteArgs,
  NginxStreamArgs,
  NginxTlsArgs,
  NginxUpstreamArgs,
  NginxUpstreamServerArgs,
} from "./resources/nginx-site-args";
export { ServiceConfig } from "./resources/service-config";
export type { AnswerArgs, ServiceConfigArgs } from "./resources/service-config";
// A file of types alone, exported as a whole so that a new DNS provider needs no line here.
export * from "./resources/dns-solver-args";
export type { PropagationArgs } from "./resources/propagation-args";
export type { OneOf } from "./resources/one-of";
export type {
  AccountReference,
  CertificateReference,
  OrderChallenge,
  OrderReference,
} from "./resources/references";
export type {
  Http01,
  Http01Kinds,
  ListenerArgs,
  PreflightArgs,
  SolverArgs,
  SolverKinds,
  SolverSelector,
  TlsAlpn01,
  TlsAlpn01Kinds,
  TunnelArgs,
  WebrootArgs,
} from "./resources/solver-args";
export type { HookArgs, WebhookArgs } from "./resources/hook-args";
export type { TlsaRecord } from "./resources/tlsa";
