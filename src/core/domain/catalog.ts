import type { JsonObject } from './json.ts'
import type { RateLimit } from './provider.ts'
import type { SignatureScheme } from './signature.ts'

/** How a family is shown to people. What is left out is asked of the next who may know. */
export interface FamilyPresentation {
  /** E.g. `Online shops`. */
  readonly label?: string | undefined
  /** URL of a picture, or a name that your own user interface knows. */
  readonly icon?: string | undefined
  /** A colour, in whatever notation your user interface takes, e.g. `#7c3aed`. */
  readonly color?: string | undefined
}

/** What of the catalog to tell, and how to call its families this time. */
export interface CatalogRequest {
  /** Only this family. */
  readonly family?: string
  /** Wins over the option `families`, e.g. with labels in the language of who asks. */
  readonly families?: Readonly<Record<string, FamilyPresentation>>
}

/** The providers that tenants can connect to, by family: frozen, plain JSON without a secret, for user interfaces. */
export interface Catalog {
  /** In the order in which their first provider was registered. */
  readonly families: readonly CatalogFamily[]
}

/** A family in the catalog. */
export interface CatalogFamily {
  readonly name: string
  /** Default: made from the name. */
  readonly label: string
  readonly icon: string | null
  readonly color: string | null
  readonly providers: readonly CatalogProvider[]
}

/** A provider in the catalog. */
export interface CatalogProvider {
  /** What `providers.get` takes: `family.name`. */
  readonly key: string
  readonly family: string
  readonly name: string
  readonly label: string
  readonly version: string | null
  readonly description: string | null
  readonly docsUrl: string | null
  readonly icon: string | null
  /** Whether a tenant may have several connections to it. */
  readonly allowMultiple: boolean
  /** What a user interface may offer for its connections. */
  readonly capabilities: {
    /** There is something to page through. */
    readonly sync: boolean
    readonly webhooks: boolean
    /** Accounts can be connected on a consent page of the provider: it declares OAuth, and an application is configured. */
    readonly oauth: boolean
    /** `connections.choices` answers for some field. */
    readonly choices: boolean
  }
  /** The names of the adapter's methods; `null` where they show only once there are credentials. */
  readonly methods: readonly string[] | null
  readonly credentials: CatalogForm
  readonly settings: CatalogForm
  readonly resources: readonly CatalogResource[]
  readonly webhooks: CatalogWebhooks | null
  readonly rateLimit: RateLimit | null
}

/** What a form asks for. */
export interface CatalogForm {
  /**
   * JSON Schema (2020-12) of what `create`, `rotateCredentials` and `updateSettings` take, with label, help, secret,
   * placeholder and order of each field as the provider declares them. The provider's own schema may be stricter. Fields
   * that count as secret have no default and no examples.
   */
  readonly schema: JsonObject
  /** The fields by name, in the order in which to ask for them. None where the schema declares none by name. */
  readonly fields: readonly CatalogField[]
}

/** A field of a form. */
export interface CatalogField {
  readonly name: string
  /** Default: made from the name. */
  readonly label: string
  readonly help: string | null
  readonly placeholder: string | null
  /** Ask for it like for a password; it is never shown again. Credentials are secret unless the provider says otherwise. */
  readonly isSecret: boolean
  /** No form is valid without it. */
  readonly isRequired: boolean
  /** `connections.choices` asks the account for its values. */
  readonly hasChoices: boolean
}

/** A resource in the catalog. */
export interface CatalogResource {
  readonly name: string
  /** Default: made from the name. */
  readonly label: string
  /** Whether a run picks up only what is new since the last. */
  readonly isIncremental: boolean
}

/** The webhooks of a provider in the catalog. */
export interface CatalogWebhooks {
  /** The types of events there are, others may come; `null` = not told. */
  readonly eventTypes: readonly string[] | null
  /** The kind of signature; `unsigned` = whoever knows the URL is believed. */
  readonly signature: SignatureScheme['kind']
}
