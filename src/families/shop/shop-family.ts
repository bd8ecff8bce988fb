import type { FamilyPresentation } from '../../core/domain/catalog.ts'

/** How the family is shown in the catalog: `familyPresentation` of its providers. The icon is a name that Lucide knows. */
export const shopFamily: FamilyPresentation = { label: 'Online shops', icon: 'shopping-cart', color: '#7c3aed' }
