CREATE TABLE "companies" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connectors_connection" (
	"id" text PRIMARY KEY NOT NULL,
	"tenantId" uuid NOT NULL,
	"providerFamily" text NOT NULL,
	"providerName" text NOT NULL,
	"displayName" text NOT NULL,
	"credentialsEncrypted" text NOT NULL,
	"credentialsVersion" integer NOT NULL,
	"webhookSecretsEncrypted" text,
	"config" jsonb NOT NULL,
	"settingsEncrypted" text,
	"slot" text NOT NULL,
	"isEnabled" boolean NOT NULL,
	"isConnected" boolean NOT NULL,
	"authFailureCount" integer NOT NULL,
	"lastAuthFailureAt" timestamp (3),
	"disabledReason" text,
	"pausedUntil" timestamp (3),
	"pauseReason" text,
	"pauseCount" integer NOT NULL,
	"probeLeaseOwner" text,
	"probeLeaseExpiresAt" timestamp (3),
	"tokenExpiresAt" timestamp (3),
	"tokenRefreshAt" timestamp (3),
	"needsReauthorization" boolean NOT NULL,
	"refreshLeaseOwner" text,
	"refreshLeaseExpiresAt" timestamp (3),
	"externalAccountId" text,
	"version" integer NOT NULL,
	"deletedAt" timestamp (3),
	"createdAt" timestamp (3) NOT NULL,
	"updatedAt" timestamp (3) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connectors_execution_log" (
	"id" text PRIMARY KEY NOT NULL,
	"tenantId" uuid NOT NULL,
	"connectionId" text NOT NULL,
	"runId" text,
	"actor" text,
	"action" text NOT NULL,
	"method" text NOT NULL,
	"url" text NOT NULL,
	"requestPayload" text,
	"responseStatus" integer,
	"responsePayload" text,
	"durationMs" integer NOT NULL,
	"attempt" integer NOT NULL,
	"error" text,
	"createdAt" timestamp (3) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connectors_oauth_state" (
	"id" text PRIMARY KEY NOT NULL,
	"tenantId" uuid NOT NULL,
	"providerFamily" text NOT NULL,
	"providerName" text NOT NULL,
	"contextEncrypted" text NOT NULL,
	"expiresAt" timestamp (3) NOT NULL,
	"createdAt" timestamp (3) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" text PRIMARY KEY NOT NULL,
	"company_id" uuid NOT NULL,
	"number" text NOT NULL,
	"status" text NOT NULL,
	"total" numeric NOT NULL,
	"currency" text NOT NULL,
	"changed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connectors_sync_state" (
	"id" text PRIMARY KEY NOT NULL,
	"tenantId" uuid NOT NULL,
	"connectionId" text NOT NULL,
	"resourceType" text NOT NULL,
	"cursor" text,
	"status" text NOT NULL,
	"lastSyncAt" timestamp (3),
	"nextSyncAt" timestamp (3),
	"schedule" text,
	"dueAt" timestamp (3),
	"errorCount" integer NOT NULL,
	"lastError" text,
	"mode" text NOT NULL,
	"generation" integer NOT NULL,
	"generationStartedAt" timestamp (3),
	"fullRequestedAt" timestamp (3),
	"trail" text,
	"itemsSynced" bigint NOT NULL,
	"revision" integer NOT NULL,
	"leaseOwner" text,
	"leaseExpiresAt" timestamp (3),
	"fence" integer NOT NULL,
	"createdAt" timestamp (3) NOT NULL,
	"updatedAt" timestamp (3) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connectors_webhook_event" (
	"id" text PRIMARY KEY NOT NULL,
	"tenantId" uuid NOT NULL,
	"connectionId" text NOT NULL,
	"provider" text NOT NULL,
	"eventType" text NOT NULL,
	"idempotencyKey" text NOT NULL,
	"orderKey" text,
	"rawBody" "bytea" NOT NULL,
	"payload" jsonb,
	"headers" jsonb NOT NULL,
	"signatureValid" boolean NOT NULL,
	"status" text NOT NULL,
	"attempts" integer NOT NULL,
	"failureCount" integer NOT NULL,
	"deliveries" integer NOT NULL,
	"availableAt" timestamp (3),
	"claimExpiresAt" timestamp (3),
	"processedAt" timestamp (3),
	"error" text,
	"errorKind" text,
	"purgedAt" timestamp (3),
	"createdAt" timestamp (3) NOT NULL
);
--> statement-breakpoint
ALTER TABLE "connectors_connection" ADD CONSTRAINT "connectors_connection_tenantId_companies_id_fk" FOREIGN KEY ("tenantId") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connectors_sync_state" ADD CONSTRAINT "connectors_sync_state_connectionId_connectors_connection_id_fk" FOREIGN KEY ("connectionId") REFERENCES "public"."connectors_connection"("id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
CREATE UNIQUE INDEX "connectors_connection_tenantId_providerFamily_providerName__key" ON "connectors_connection" USING btree ("tenantId","providerFamily","providerName","slot");--> statement-breakpoint
CREATE INDEX "connectors_connection_tenantId_id_idx" ON "connectors_connection" USING btree ("tenantId","id");--> statement-breakpoint
CREATE INDEX "connectors_connection_providerFamily_providerName_id_idx" ON "connectors_connection" USING btree ("providerFamily","providerName","id");--> statement-breakpoint
CREATE INDEX "connectors_connection_providerName_externalAccountId_id_idx" ON "connectors_connection" USING btree ("providerName","externalAccountId","id");--> statement-breakpoint
CREATE INDEX "connectors_connection_tokenRefreshAt_id_idx" ON "connectors_connection" USING btree ("tokenRefreshAt","id");--> statement-breakpoint
CREATE INDEX "connectors_execution_log_tenantId_id_idx" ON "connectors_execution_log" USING btree ("tenantId","id");--> statement-breakpoint
CREATE INDEX "connectors_execution_log_connectionId_id_idx" ON "connectors_execution_log" USING btree ("connectionId","id");--> statement-breakpoint
CREATE INDEX "connectors_execution_log_runId_id_idx" ON "connectors_execution_log" USING btree ("runId","id");--> statement-breakpoint
CREATE INDEX "connectors_execution_log_createdAt_idx" ON "connectors_execution_log" USING btree ("createdAt");--> statement-breakpoint
CREATE INDEX "connectors_oauth_state_expiresAt_idx" ON "connectors_oauth_state" USING btree ("expiresAt");--> statement-breakpoint
CREATE INDEX "orders_company" ON "orders" USING btree ("company_id");--> statement-breakpoint
CREATE UNIQUE INDEX "connectors_sync_state_connectionId_resourceType_key" ON "connectors_sync_state" USING btree ("connectionId","resourceType");--> statement-breakpoint
CREATE INDEX "connectors_sync_state_connectionId_id_idx" ON "connectors_sync_state" USING btree ("connectionId","id");--> statement-breakpoint
CREATE INDEX "connectors_sync_state_tenantId_id_idx" ON "connectors_sync_state" USING btree ("tenantId","id");--> statement-breakpoint
CREATE INDEX "connectors_sync_state_dueAt_id_idx" ON "connectors_sync_state" USING btree ("dueAt","id");--> statement-breakpoint
CREATE UNIQUE INDEX "connectors_webhook_event_connectionId_idempotencyKey_key" ON "connectors_webhook_event" USING btree ("connectionId","idempotencyKey");--> statement-breakpoint
CREATE INDEX "connectors_webhook_event_tenantId_id_idx" ON "connectors_webhook_event" USING btree ("tenantId","id");--> statement-breakpoint
CREATE INDEX "connectors_webhook_event_connectionId_id_idx" ON "connectors_webhook_event" USING btree ("connectionId","id");--> statement-breakpoint
CREATE INDEX "connectors_webhook_event_connectionId_status_createdAt_idx" ON "connectors_webhook_event" USING btree ("connectionId","status","createdAt");--> statement-breakpoint
CREATE INDEX "connectors_webhook_event_status_availableAt_id_idx" ON "connectors_webhook_event" USING btree ("status","availableAt","id");--> statement-breakpoint
CREATE INDEX "connectors_webhook_event_orderKey_id_idx" ON "connectors_webhook_event" USING btree ("orderKey","id");--> statement-breakpoint
CREATE INDEX "connectors_webhook_event_purgedAt_status_createdAt_idx" ON "connectors_webhook_event" USING btree ("purgedAt","status","createdAt");