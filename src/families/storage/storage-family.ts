import type { FamilyPresentation } from '../../core/domain/catalog.ts'

/** How the family is shown in the catalog: `familyPresentation` of its providers. The icon is a name that Lucide knows. */
export const storageFamily: FamilyPresentation = { label: 'File storage', icon: 'folder', color: '#2563eb' }
