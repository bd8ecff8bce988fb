export { type AuthStrategy, basic, bearer, header, none } from './auth-strategy.ts'
export { type AdapterParts, defineProvider, type ProviderDefinition, type ProviderHttp } from './define-provider.ts'
export type { HttpAnswer } from './http-answer.ts'
export {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type Query,
  type RequestOptions,
  type WriteOptions,
} from './http-client.ts'
export { nextLink } from './next-link.ts'
export type { FailedAnswer, Failure, StatusRules, StatusVerdict } from './status-error.ts'
