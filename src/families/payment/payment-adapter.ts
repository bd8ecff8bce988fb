import type { Json } from '../../core/domain/json.ts'
import type { FetchedPage } from '../../core/domain/provider.ts'
import type { Payer } from './payer.ts'
import type { Payment } from './payment.ts'
import type { Refund } from './refund.ts'

/** Which page of a listing. */
export interface PaymentPageRequest {
  /** As the page before answered it; `null` or absent = from the beginning. */
  readonly cursor?: Json
  readonly signal?: AbortSignal
}

/** What the adapter of every payment provider can do. */
export type PaymentAdapter = {
  /** Payments, whatever became of them. */
  getPayments(request?: PaymentPageRequest): Promise<FetchedPage<Payment>>
  /** One payment. */
  getPayment(externalId: string): Promise<Payment>
  /** Refunds of all payments. */
  getRefunds(request?: PaymentPageRequest): Promise<FetchedPage<Refund>>
  /** Gives money back: all that is left, or `amount` in the payment's currency. The key makes a repetition the same refund. */
  refundPayment(
    externalId: string,
    refund: { readonly idempotencyKey: string; readonly amount?: string; readonly reason?: string },
  ): Promise<Refund>
  /** Who paid, as far as the provider keeps it. */
  getPayers(request?: PaymentPageRequest): Promise<FetchedPage<Payer>>
}

/** The names of {@link PaymentAdapter}'s methods: what `defineProvider` checks a provider of the family for. */
export const paymentMethods = [
  'getPayments',
  'getPayment',
  'getRefunds',
  'refundPayment',
  'getPayers',
] as const satisfies readonly (keyof PaymentAdapter)[]
