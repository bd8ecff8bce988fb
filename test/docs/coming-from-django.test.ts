import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../docs/coming-from-django.md', import.meta.url), 'utf8')

/** What the page of the ancestor tells that it has, by its own names. */
const capabilities = {
  'installing and wiring':
    'pip install, [celery], INSTALLED_APPS, unique_together, admin mixins, @admin.register, ENCRYPTION_KEY, SECRET_KEY, WEBHOOK_BASE_URL, DEFAULT_TIMEOUT, CONNECTION_MODEL, WEBHOOK_EVENT_MODEL, django_bapp_connectors.webhooks.urls, webhooks/<connection_id>/<action>/, webhooks/oauth/callback/<provider>/',
  models: 'AbstractConnection, AbstractSyncState, AbstractExecutionLog, AbstractWebhookEvent',
  connections:
    'test_connection, ConnectionService.test_connection, result.success, get_adapter, get_orders, get_products, update_order_status, OrderStatus, list_available_providers, rotate_credentials, validate_settings, update_settings, is_operational, status_map_inbound, status_map_outbound, webhook_secret',
  'fields of connections':
    'provider_family, provider_name, display_name, credentials_encrypted, config, is_enabled, is_connected, auth_failure_count, last_auth_failure_at, disabled_reason',
  sync: 'get_or_create, incremental_sync, full_resync, fetch_fn, items_fetched, has_more, cursor, errors, mark_running, mark_completed, mark_failed, sync_all_shop_orders, setup_connection',
  'fields of sync states': 'resource_type, cursor, last_sync_at, next_sync_at, status, error_count, last_error',
  tasks:
    'execute_adapter_method, incremental_sync.delay, full_resync.delay, process_webhook, Celery worker, Celery Beat, crontab',
  'circuit breaker': 'AuthenticationError, record_auth_failure, mark_connected, after 3 failures, re_enable',
  webhooks:
    'webhook_receiver, WebhookService.receive, signature_method, signature_header, secret=, event.signature_valid, event.is_duplicate, mark_processing, mark_processed, mark_failed, mark_duplicate',
  'fields of webhook events':
    'provider, event_type, idempotency_key, payload, headers, signature_valid, status, processed_at, error',
  signals:
    'webhook_event_received, webhook_event_processed, connection_status_changed, connection_disabled, sync_completed, dispatch_uid, send_robust',
  'audit trail': 'make_execution_log_callback, add_on_response, add_on_error',
  'fields of execution logs':
    'action, method, url, request_payload, response_status, response_payload, duration_ms, error',
  encryption: 'Fernet, Fernet.generate_key()',
}

test.each(Object.entries(capabilities))('the map of the ancestor has its place for all of: %s', (_part, names) => {
  expect(names.split(', ').filter((name) => !page.includes(name))).toEqual([])
})
