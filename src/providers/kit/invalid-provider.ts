import { ConnectorsError } from '../../core/domain/errors.ts'

/** The error of a definition that breaks a rule. `who` begins the sentence, e.g. `Provider shop/acme`. */
export function invalidProvider(who: string, mistake: string): ConnectorsError<'INVALID_PROVIDER'> {
  return new ConnectorsError('INVALID_PROVIDER', `${who}: ${mistake}.`)
}
