-- The tables of the test schema on MySQL and MariaDB, kept by hand as Prisma Migrate would write them:
-- the schema engine that runs without a download does not speak MySQL.
-- test/adapters/prisma/mysql-tables.test.ts compares them with the schema.

-- CreateTable
CREATE TABLE `Tenant` (
    `id` VARCHAR(191) NOT NULL,
    `name` VARCHAR(191) NOT NULL DEFAULT '',

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Issue` (
    `id` VARCHAR(191) NOT NULL,
    `tenantId` VARCHAR(191) NOT NULL,
    `connectionId` VARCHAR(191) NOT NULL,
    `number` INTEGER NOT NULL,
    `title` VARCHAR(191) NOT NULL,
    `state` VARCHAR(191) NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `Issue_tenantId_connectionId_idx`(`tenantId`, `connectionId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Activity` (
    `id` VARCHAR(191) NOT NULL,
    `tenantId` VARCHAR(191) NOT NULL,
    `connectionId` VARCHAR(191) NOT NULL,
    `type` VARCHAR(191) NOT NULL,
    `repository` VARCHAR(191) NULL,
    `sender` VARCHAR(191) NULL,

    INDEX `Activity_tenantId_type_idx`(`tenantId`, `type`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `connectors_connection` (
    `id` VARCHAR(64) NOT NULL,
    `tenantId` VARCHAR(191) NOT NULL,
    `providerFamily` VARCHAR(64) NOT NULL,
    `providerName` VARCHAR(64) NOT NULL,
    `displayName` LONGTEXT NOT NULL,
    `credentialsEncrypted` LONGTEXT NOT NULL,
    `credentialsVersion` INTEGER NOT NULL,
    `webhookSecretsEncrypted` LONGTEXT NULL,
    `config` JSON NOT NULL,
    `settingsEncrypted` LONGTEXT NULL,
    `slot` VARCHAR(64) NOT NULL,
    `isEnabled` BOOLEAN NOT NULL,
    `isConnected` BOOLEAN NOT NULL,
    `authFailureCount` INTEGER NOT NULL,
    `lastAuthFailureAt` DATETIME(3) NULL,
    `disabledReason` LONGTEXT NULL,
    `pausedUntil` DATETIME(3) NULL,
    `pauseReason` LONGTEXT NULL,
    `pauseCount` INTEGER NOT NULL,
    `probeLeaseOwner` VARCHAR(191) NULL,
    `probeLeaseExpiresAt` DATETIME(3) NULL,
    `tokenExpiresAt` DATETIME(3) NULL,
    `tokenRefreshAt` DATETIME(3) NULL,
    `needsReauthorization` BOOLEAN NOT NULL,
    `refreshLeaseOwner` VARCHAR(191) NULL,
    `refreshLeaseExpiresAt` DATETIME(3) NULL,
    `externalAccountId` VARCHAR(191) NULL,
    `version` INTEGER NOT NULL,
    `deletedAt` DATETIME(3) NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `connectors_connection_tenantId_providerFamily_providerName_s_key`(`tenantId`, `providerFamily`, `providerName`, `slot`),
    INDEX `connectors_connection_tenantId_id_idx`(`tenantId`, `id`),
    INDEX `connectors_connection_providerFamily_providerName_id_idx`(`providerFamily`, `providerName`, `id`),
    INDEX `connectors_connection_providerName_externalAccountId_id_idx`(`providerName`, `externalAccountId`, `id`),
    INDEX `connectors_connection_tokenRefreshAt_id_idx`(`tokenRefreshAt`, `id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `connectors_sync_state` (
    `id` VARCHAR(64) NOT NULL,
    `tenantId` VARCHAR(191) NOT NULL,
    `connectionId` VARCHAR(64) NOT NULL,
    `resourceType` VARCHAR(191) NOT NULL,
    `cursor` LONGTEXT NULL,
    `status` VARCHAR(64) NOT NULL,
    `lastSyncAt` DATETIME(3) NULL,
    `nextSyncAt` DATETIME(3) NULL,
    `schedule` LONGTEXT NULL,
    `dueAt` DATETIME(3) NULL,
    `errorCount` INTEGER NOT NULL,
    `lastError` LONGTEXT NULL,
    `mode` VARCHAR(64) NOT NULL,
    `generation` INTEGER NOT NULL,
    `generationStartedAt` DATETIME(3) NULL,
    `fullRequestedAt` DATETIME(3) NULL,
    `trail` LONGTEXT NULL,
    `itemsSynced` BIGINT NOT NULL,
    `revision` INTEGER NOT NULL,
    `leaseOwner` VARCHAR(191) NULL,
    `leaseExpiresAt` DATETIME(3) NULL,
    `fence` INTEGER NOT NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `connectors_sync_state_connectionId_resourceType_key`(`connectionId`, `resourceType`),
    INDEX `connectors_sync_state_connectionId_id_idx`(`connectionId`, `id`),
    INDEX `connectors_sync_state_tenantId_id_idx`(`tenantId`, `id`),
    INDEX `connectors_sync_state_dueAt_id_idx`(`dueAt`, `id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `connectors_webhook_event` (
    `id` VARCHAR(64) NOT NULL,
    `tenantId` VARCHAR(191) NOT NULL,
    `connectionId` VARCHAR(64) NOT NULL,
    `provider` VARCHAR(191) NOT NULL,
    `eventType` LONGTEXT NOT NULL,
    `idempotencyKey` VARCHAR(191) NOT NULL,
    `orderKey` VARCHAR(64) NULL,
    `rawBody` LONGBLOB NOT NULL,
    `payload` JSON NULL,
    `headers` JSON NOT NULL,
    `signatureValid` BOOLEAN NOT NULL,
    `status` VARCHAR(64) NOT NULL,
    `attempts` INTEGER NOT NULL,
    `failureCount` INTEGER NOT NULL,
    `deliveries` INTEGER NOT NULL,
    `availableAt` DATETIME(3) NULL,
    `claimExpiresAt` DATETIME(3) NULL,
    `processedAt` DATETIME(3) NULL,
    `error` LONGTEXT NULL,
    `errorKind` VARCHAR(64) NULL,
    `purgedAt` DATETIME(3) NULL,
    `createdAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `connectors_webhook_event_connectionId_idempotencyKey_key`(`connectionId`, `idempotencyKey`),
    INDEX `connectors_webhook_event_tenantId_id_idx`(`tenantId`, `id`),
    INDEX `connectors_webhook_event_connectionId_id_idx`(`connectionId`, `id`),
    INDEX `connectors_webhook_event_connectionId_status_createdAt_idx`(`connectionId`, `status`, `createdAt`),
    INDEX `connectors_webhook_event_status_availableAt_id_idx`(`status`, `availableAt`, `id`),
    INDEX `connectors_webhook_event_orderKey_id_idx`(`orderKey`, `id`),
    INDEX `connectors_webhook_event_purgedAt_status_createdAt_idx`(`purgedAt`, `status`, `createdAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `connectors_execution_log` (
    `id` VARCHAR(64) NOT NULL,
    `tenantId` VARCHAR(191) NOT NULL,
    `connectionId` VARCHAR(64) NOT NULL,
    `runId` VARCHAR(191) NULL,
    `actor` LONGTEXT NULL,
    `action` LONGTEXT NOT NULL,
    `method` VARCHAR(64) NOT NULL,
    `url` LONGTEXT NOT NULL,
    `requestPayload` LONGTEXT NULL,
    `responseStatus` INTEGER NULL,
    `responsePayload` LONGTEXT NULL,
    `durationMs` INTEGER NOT NULL,
    `attempt` INTEGER NOT NULL,
    `error` LONGTEXT NULL,
    `createdAt` DATETIME(3) NOT NULL,

    INDEX `connectors_execution_log_tenantId_id_idx`(`tenantId`, `id`),
    INDEX `connectors_execution_log_connectionId_id_idx`(`connectionId`, `id`),
    INDEX `connectors_execution_log_runId_id_idx`(`runId`, `id`),
    INDEX `connectors_execution_log_createdAt_idx`(`createdAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `connectors_oauth_state` (
    `id` VARCHAR(64) NOT NULL,
    `tenantId` VARCHAR(191) NOT NULL,
    `providerFamily` VARCHAR(64) NOT NULL,
    `providerName` VARCHAR(64) NOT NULL,
    `contextEncrypted` LONGTEXT NOT NULL,
    `expiresAt` DATETIME(3) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL,

    INDEX `connectors_oauth_state_expiresAt_idx`(`expiresAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- AddForeignKey
ALTER TABLE `Issue` ADD CONSTRAINT `Issue_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `Activity` ADD CONSTRAINT `Activity_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `connectors_connection` ADD CONSTRAINT `connectors_connection_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `connectors_sync_state` ADD CONSTRAINT `connectors_sync_state_connectionId_fkey` FOREIGN KEY (`connectionId`) REFERENCES `connectors_connection`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
