import type { FamilyPresentation } from '../../core/domain/catalog.ts'

/** How the family is shown in the catalog: `familyPresentation` of its providers. The icon is a name that Lucide knows. */
export const paymentFamily: FamilyPresentation = { label: 'Payments', icon: 'credit-card', color: '#0d9488' }
