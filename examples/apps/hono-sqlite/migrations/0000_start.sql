CREATE TABLE `companies` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `connectors_connection` (
	`id` text PRIMARY KEY NOT NULL,
	`tenantId` integer NOT NULL,
	`providerFamily` text NOT NULL,
	`providerName` text NOT NULL,
	`displayName` text NOT NULL,
	`credentialsEncrypted` text NOT NULL,
	`credentialsVersion` integer NOT NULL,
	`webhookSecretsEncrypted` text,
	`config` jsonb NOT NULL,
	`settingsEncrypted` text,
	`slot` text NOT NULL,
	`isEnabled` integer NOT NULL,
	`isConnected` integer NOT NULL,
	`authFailureCount` integer NOT NULL,
	`lastAuthFailureAt` datetime,
	`disabledReason` text,
	`pausedUntil` datetime,
	`pauseReason` text,
	`pauseCount` integer NOT NULL,
	`probeLeaseOwner` text,
	`probeLeaseExpiresAt` datetime,
	`tokenExpiresAt` datetime,
	`tokenRefreshAt` datetime,
	`needsReauthorization` integer NOT NULL,
	`refreshLeaseOwner` text,
	`refreshLeaseExpiresAt` datetime,
	`externalAccountId` text,
	`version` integer NOT NULL,
	`deletedAt` datetime,
	`createdAt` datetime NOT NULL,
	`updatedAt` datetime NOT NULL,
	FOREIGN KEY (`tenantId`) REFERENCES `companies`(`id`) ON UPDATE cascade ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connectors_connection_tenantId_providerFamily_providerName_slot_key` ON `connectors_connection` (`tenantId`,`providerFamily`,`providerName`,`slot`);--> statement-breakpoint
CREATE INDEX `connectors_connection_tenantId_id_idx` ON `connectors_connection` (`tenantId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_connection_providerFamily_providerName_id_idx` ON `connectors_connection` (`providerFamily`,`providerName`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_connection_providerName_externalAccountId_id_idx` ON `connectors_connection` (`providerName`,`externalAccountId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_connection_tokenRefreshAt_id_idx` ON `connectors_connection` (`tokenRefreshAt`,`id`);--> statement-breakpoint
CREATE TABLE `connectors_execution_log` (
	`id` text PRIMARY KEY NOT NULL,
	`tenantId` integer NOT NULL,
	`connectionId` text NOT NULL,
	`runId` text,
	`actor` text,
	`action` text NOT NULL,
	`method` text NOT NULL,
	`url` text NOT NULL,
	`requestPayload` text,
	`responseStatus` integer,
	`responsePayload` text,
	`durationMs` integer NOT NULL,
	`attempt` integer NOT NULL,
	`error` text,
	`createdAt` datetime NOT NULL
);
--> statement-breakpoint
CREATE INDEX `connectors_execution_log_tenantId_id_idx` ON `connectors_execution_log` (`tenantId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_execution_log_connectionId_id_idx` ON `connectors_execution_log` (`connectionId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_execution_log_runId_id_idx` ON `connectors_execution_log` (`runId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_execution_log_createdAt_idx` ON `connectors_execution_log` (`createdAt`);--> statement-breakpoint
CREATE TABLE `connectors_oauth_state` (
	`id` text PRIMARY KEY NOT NULL,
	`tenantId` integer NOT NULL,
	`providerFamily` text NOT NULL,
	`providerName` text NOT NULL,
	`contextEncrypted` text NOT NULL,
	`expiresAt` datetime NOT NULL,
	`createdAt` datetime NOT NULL
);
--> statement-breakpoint
CREATE INDEX `connectors_oauth_state_expiresAt_idx` ON `connectors_oauth_state` (`expiresAt`);--> statement-breakpoint
CREATE TABLE `orders` (
	`id` text PRIMARY KEY NOT NULL,
	`company_id` integer NOT NULL,
	`number` text NOT NULL,
	`status` text NOT NULL,
	`total` text NOT NULL,
	`currency` text NOT NULL,
	`changed_at` integer NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `orders_company` ON `orders` (`company_id`);--> statement-breakpoint
CREATE TABLE `connectors_sync_state` (
	`id` text PRIMARY KEY NOT NULL,
	`tenantId` integer NOT NULL,
	`connectionId` text NOT NULL,
	`resourceType` text NOT NULL,
	`cursor` text,
	`status` text NOT NULL,
	`lastSyncAt` datetime,
	`nextSyncAt` datetime,
	`schedule` text,
	`dueAt` datetime,
	`errorCount` integer NOT NULL,
	`lastError` text,
	`mode` text NOT NULL,
	`generation` integer NOT NULL,
	`generationStartedAt` datetime,
	`fullRequestedAt` datetime,
	`trail` text,
	`itemsSynced` bigint NOT NULL,
	`revision` integer NOT NULL,
	`leaseOwner` text,
	`leaseExpiresAt` datetime,
	`fence` integer NOT NULL,
	`createdAt` datetime NOT NULL,
	`updatedAt` datetime NOT NULL,
	FOREIGN KEY (`connectionId`) REFERENCES `connectors_connection`(`id`) ON UPDATE cascade ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connectors_sync_state_connectionId_resourceType_key` ON `connectors_sync_state` (`connectionId`,`resourceType`);--> statement-breakpoint
CREATE INDEX `connectors_sync_state_connectionId_id_idx` ON `connectors_sync_state` (`connectionId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_sync_state_tenantId_id_idx` ON `connectors_sync_state` (`tenantId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_sync_state_dueAt_id_idx` ON `connectors_sync_state` (`dueAt`,`id`);--> statement-breakpoint
CREATE TABLE `connectors_webhook_event` (
	`id` text PRIMARY KEY NOT NULL,
	`tenantId` integer NOT NULL,
	`connectionId` text NOT NULL,
	`provider` text NOT NULL,
	`eventType` text NOT NULL,
	`idempotencyKey` text NOT NULL,
	`orderKey` text,
	`rawBody` blob NOT NULL,
	`payload` jsonb,
	`headers` jsonb NOT NULL,
	`signatureValid` integer NOT NULL,
	`status` text NOT NULL,
	`attempts` integer NOT NULL,
	`failureCount` integer NOT NULL,
	`deliveries` integer NOT NULL,
	`availableAt` datetime,
	`claimExpiresAt` datetime,
	`processedAt` datetime,
	`error` text,
	`errorKind` text,
	`purgedAt` datetime,
	`createdAt` datetime NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connectors_webhook_event_connectionId_idempotencyKey_key` ON `connectors_webhook_event` (`connectionId`,`idempotencyKey`);--> statement-breakpoint
CREATE INDEX `connectors_webhook_event_tenantId_id_idx` ON `connectors_webhook_event` (`tenantId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_webhook_event_connectionId_id_idx` ON `connectors_webhook_event` (`connectionId`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_webhook_event_connectionId_status_createdAt_idx` ON `connectors_webhook_event` (`connectionId`,`status`,`createdAt`);--> statement-breakpoint
CREATE INDEX `connectors_webhook_event_status_availableAt_id_idx` ON `connectors_webhook_event` (`status`,`availableAt`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_webhook_event_orderKey_id_idx` ON `connectors_webhook_event` (`orderKey`,`id`);--> statement-breakpoint
CREATE INDEX `connectors_webhook_event_purgedAt_status_createdAt_idx` ON `connectors_webhook_event` (`purgedAt`,`status`,`createdAt`);