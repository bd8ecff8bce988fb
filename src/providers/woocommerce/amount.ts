import { z } from 'zod'
import { decimalSchema } from '../../families/shop/index.ts'

/** A sum of money as WooCommerce gives it: text. Empty stands for none. */
export const amount = z.union([z.literal('').transform(() => null), decimalSchema])
