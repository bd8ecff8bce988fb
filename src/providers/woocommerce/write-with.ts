import { isConnectorsError, PermissionError } from '../../core/domain/errors.ts'

/**
 * Makes a write. WooCommerce answers one with a read-only key as it answers a wrong key: 401
 * `woocommerce_rest_authentication_error` (`WC_REST_Authentication::check_permissions()`); only the text differs, and that is
 * in the language of the shop. So after a refused write a read tells which it was.
 *
 * @throws {PermissionError} if the key may only read: that must not count against the connection.
 */
export async function writeWith<T>(write: () => Promise<T>, read: () => Promise<unknown>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!isConnectorsError(error, 'AUTHENTICATION_FAILED')) throw error
    await read()
    throw new PermissionError(
      `The consumer key may read, but not write: give it the permissions Read/Write. (${error.message})`,
      { status: 401, cause: error },
    )
  }
}
