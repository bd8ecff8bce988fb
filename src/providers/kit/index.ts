export { type FieldDescription, field } from '../../core/domain/field.ts'
export type {
  ClientAuthentication,
  OAuthAccount,
  OAuthCallbackAnswer,
  OAuthDefinition,
  OAuthServer,
  OAuthTokens,
  StoredTokens,
  TokenQuirks,
} from '../../core/domain/oauth.ts'
export { arrayElements } from './array-elements.ts'
export type { AuthStrategy, Proof, SignableRequest } from './auth-strategy.ts'
export { apiKey, basic, bearer, headers, none, signer, token } from './auth-strategy.ts'
export { challenges } from './challenges.ts'
export type { CountedPage } from './counted-page.ts'
export type { AdapterMethods, AdapterParts, ProviderDefinition, ProviderHttp } from './define-provider.ts'
export { defineProvider } from './define-provider.ts'
export { everyItem } from './every-item.ts'
export type { HttpAnswer } from './http-answer.ts'
export type { HttpBehaviour, HttpClient, RequestOptions, WriteOptions } from './http-client.ts'
export type { AttemptView, HttpHooks } from './http-hooks.ts'
export { nextLink, nextPath } from './next-link.ts'
export { type KeyPaging, pageByKey } from './page-by-key.ts'
export { type LinkPaging, pageByLink } from './page-by-link.ts'
export { type NumberPaging, pageByNumber } from './page-by-number.ts'
export { type OffsetPaging, pageByOffset } from './page-by-offset.ts'
export {
  type PageInfo,
  pageByRelay,
  pageInfoSchema,
  type RelayPage,
  type RelayPaging,
  relayNext,
} from './page-by-relay.ts'
export { pageBySince, type SincePaging } from './page-by-since.ts'
export { pageByToken, type TokenPage, type TokenPaging } from './page-by-token.ts'
export { type NewestFirstPaging, pageNewestFirst } from './page-newest-first.ts'
export type { RateLimitHeaders } from './rate-limit-headers.ts'
export type { Query } from './request-body.ts'
export { signatures } from './signatures.ts'
export type { FailedAnswer, Failure, StatusRules, StatusVerdict } from './status-error.ts'
export type { Dating } from './time-bound.ts'
