export type {
  ConnectionVerbs,
  Connectors,
  ConnectorsTransaction,
  NewConnection,
  OperatorConnectionVerbs,
  OperatorConnectors,
  PauseRequest,
  SettingsChange,
  SettingsValidation,
  TenantConnectors,
  TestOutcome,
  TransactionalConnectionVerbs,
} from './core/connectors.ts'
export type {
  CredentialsVerbs,
  KeyUsage,
  KeyUse,
  ReencryptFailure,
  ReencryptOptions,
  ReencryptProgress,
  ReencryptResult,
  RefreshDueOptions,
} from './core/credentials-verbs.ts'
export type { AdapterCall } from './core/domain/adapter-call.ts'
export type {
  Catalog,
  CatalogFamily,
  CatalogField,
  CatalogForm,
  CatalogProvider,
  CatalogRequest,
  CatalogResource,
  CatalogWebhooks,
  FamilyPresentation,
} from './core/domain/catalog.ts'
export type { Connection, ConnectionView } from './core/domain/connection.ts'
export type { DueRefresh, EndedRefresh } from './core/domain/due-refresh.ts'
export type { DueRun, DueSync } from './core/domain/due-run.ts'
export {
  type AnyConnectorsError,
  AuthenticationError,
  ConnectorsError,
  type ErrorCode,
  type ErrorDetails,
  errorCodes,
  isConnectorsError,
  PermissionError,
  ProviderRejectedError,
  ProviderUnavailableError,
  RateLimitError,
} from './core/domain/errors.ts'
export type {
  AppEvent,
  ConnectorEvents,
  EventBase,
  EventName,
  Listener,
  SyncEvent,
  WebhookStored,
} from './core/domain/events.ts'
export type { ExecutionLog } from './core/domain/execution-log.ts'
export type { ExecutionOutcome, ExecutionStats } from './core/domain/execution-stats.ts'
export type { ExecutionStatus } from './core/domain/execution-status.ts'
export type { HandledWork } from './core/domain/handled-types.ts'
export type {
  EventType,
  Handler,
  PageContextOf,
  PageHandler,
  PageHandlerOf,
  PageHandlers,
  SweepContext,
  WebhookContext,
  WebhookHandler,
  WebhookPattern,
} from './core/domain/handlers.ts'
export type { JobName, JobQueue } from './core/domain/job.ts'
export type { Json, JsonObject } from './core/domain/json.ts'
export type { Listing } from './core/domain/listing.ts'
export type {
  ClientAuthentication,
  OAuthAccount,
  OAuthServer,
  OAuthSupport,
  OAuthTokens,
  StoredTokens,
  TokenQuirks,
} from './core/domain/oauth.ts'
export type { OAuthState } from './core/domain/oauth-state.ts'
export type { Page, PageRequest } from './core/domain/page.ts'
export type { PauseAnswer, PauseCause } from './core/domain/pause.ts'
export type {
  Adapter,
  AdapterContext,
  AdapterOf,
  AdapterRequest,
  AnyProvider,
  ChallengeAnswer,
  ChallengeRequest,
  Choice,
  ChoicesRequest,
  DeliveryIdSource,
  FetchedPage,
  FetchRequest,
  ItemOf,
  ParsedWebhookEvent,
  Provider,
  RateLimit,
  Resource,
  ResourceOf,
  SubscriptionRequest,
  WebhookDelivery,
  WebhookEventOf,
  WebhookSubscription,
  WebhookSubscriptions,
  WebhookSupport,
} from './core/domain/provider.ts'
export type { SignatureScheme, UnsignedScheme } from './core/domain/signature.ts'
export type { CustomScheme, DeliveryToVerify } from './core/domain/signature-custom.ts'
export type { SignatureEncoding } from './core/domain/signature-encoding.ts'
export type { HmacScheme, SecretForm } from './core/domain/signature-hmac.ts'
export type { SignedPart } from './core/domain/signature-layout.ts'
export type { PublicKeyScheme } from './core/domain/signature-public-key.ts'
export type { StandardWebhooksScheme } from './core/domain/signature-standard-webhooks.ts'
export type { TimestampRule } from './core/domain/signature-timestamp.ts'
export type { TokenScheme } from './core/domain/signature-token.ts'
export type {
  PartialReason,
  RejectedItem,
  SyncCounts,
  SyncFailureKind,
  SyncGuarantee,
  SyncProgress,
  SyncResult,
} from './core/domain/sync-result.ts'
export type { SyncSchedule } from './core/domain/sync-schedule.ts'
export type { SyncMode, SyncState, SyncStateView, SyncStatus } from './core/domain/sync-state.ts'
export type { Scope, TenantId } from './core/domain/tenant.ts'
export { type DeliveryId, idempotencyKey } from './core/domain/webhook-delivery.ts'
export type { WebhookErrorKind, WebhookEvent, WebhookEventView, WebhookStatus } from './core/domain/webhook-event.ts'
export type {
  AppReceiveResult,
  DueDelivery,
  DueDeliveryOptions,
  IncomingDelivery,
  ProcessResult,
  ReceivedEvent,
  ReceivedForAccount,
  ReceiveOverrides,
  ReceiveResult,
} from './core/domain/webhook-outcome.ts'
export type {
  ExecutionStatsRequest,
  ExecutionVerbs,
  ExecutionWindow,
  OperatorAct,
  OperatorExecutionVerbs,
} from './core/execution-verbs.ts'
export type {
  CallArgsOf,
  CallableOf,
  ConnectorsHealth,
  ConnectorsWorker,
  EndedJob,
  Enqueue,
  EnqueueResult,
  JobVerbs,
  PruneOptions,
  TickOptions,
  TickResult,
  WorkOptions,
} from './core/job-verbs.ts'
export type {
  Authorization,
  AuthorizeRequest,
  OAuthOutcome,
  OAuthRefusal,
  OAuthReturn,
  OAuthVerbs,
  OperatorOAuthVerbs,
} from './core/oauth-verbs.ts'
export type { ConnectorsOptions } from './core/options.ts'
export type { Clock } from './core/ports/clock.ts'
export type {
  ConnectionChange,
  ConnectionFilter,
  ConnectionPatch,
  ConnectionRef,
  ConnectionRepository,
  Resealing,
} from './core/ports/connection-repository.ts'
export type {
  ExecutionLogFilter,
  ExecutionLogRepository,
  ExecutionStatsQuery,
} from './core/ports/execution-log-repository.ts'
export type { HttpRequest, HttpResponse } from './core/ports/http-transport.ts'
export type { EncryptionKey, KeySource } from './core/ports/key-source.ts'
export type { Logger } from './core/ports/logger.ts'
export type { OAuthStateRepository } from './core/ports/oauth-state-repository.ts'
export type { Ids } from './core/ports/randomness.ts'
export type { RateLimitStore } from './core/ports/rate-limit-store.ts'
export type { Repositories, RepositorySet, TransactionContext, TransactionLimits } from './core/ports/repositories.ts'
export type {
  LeaseClaim,
  SyncStateFilter,
  SyncStateRef,
  SyncStateRepository,
} from './core/ports/sync-state-repository.ts'
export type {
  DueWebhook,
  WebhookClaim,
  WebhookEventFilter,
  WebhookEventRef,
  WebhookEventRepository,
  WebhookFailure,
} from './core/ports/webhook-event-repository.ts'
export type {
  OperatorSyncVerbs,
  PageOptions,
  RunBudget,
  RunDueOptions,
  RunOptions,
  ScheduleRequest,
  SyncVerbs,
} from './core/sync-verbs.ts'
export type { OperatorWebhookVerbs, WebhookVerbs } from './core/webhook-verbs.ts'
export { createConnectors } from './create-connectors.ts'
