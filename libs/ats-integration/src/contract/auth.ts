/** How a customer authorises us. Data first: the flow is ours, only what differs between vendors is said here. */
export type AuthManifest = OAuth2Manifest | ApiKeyManifest;

export interface OAuth2Manifest {
  readonly kind: 'oauth2';
  /** Paths below the provider's `authUrl`. */
  readonly authorizePath: string;
  readonly tokenPath: string;
  /** Where a token is given back (RFC 7009), below the provider's `authUrl`; null when the vendor documents no such endpoint. */
  readonly revokePath: string | null;
  /** Scopes that every feature we ship needs; asked for at once. */
  readonly scopes: readonly string[];
  /** Scopes asked for only when the provider's options say so. */
  readonly optionalScopes?: readonly string[];
  /** How the client proves itself at the token endpoint. */
  readonly clientAuthentication: 'basic' | 'body';
  readonly pkce: 'S256' | 'none';
  /** Whether the token request repeats `redirect_uri`. */
  readonly sendsRedirectUri: boolean;
  /** Seconds an access token lives when the answer does not say. */
  readonly accessTokenSeconds: number;
  /** Seconds of disuse after which a refresh token is dead; a keep-alive refresh runs well inside. */
  readonly refreshTokenIdleSeconds: number;
  /** Whether every refresh returns a new refresh token and burns the old one. */
  readonly rotatesRefreshToken: boolean;
}

export interface ApiKeyManifest {
  readonly kind: 'api-key';
  /** The form that an admin fills in. */
  readonly fields: readonly ApiKeyField[];
}

export interface ApiKeyField {
  readonly name: string;
  readonly label: string;
  readonly secret: boolean;
  readonly help: string;
}

/** A token endpoint's answer after the provider made sense of the vendor's shape. */
export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresAt: Date;
  /** Scopes as granted, or null when the answer does not say. */
  readonly scopes: readonly string[] | null;
}

/** What the pre-flight found out right after the customer approved. */
export interface AccountProfile {
  /** The ATS account (tenant), when it can be known: reconnecting to another one is refused. */
  readonly accountId: string | null;
  readonly accountName: string | null;
  /** Who approved, for a person to read. */
  readonly authorisedBy: string | null;
  /** What stops the connection from working; empty when all is well. Each a sentence for an admin that says what to do. */
  readonly blockers: readonly string[];
  /** What will not be visible or possible. Sentences for an admin. */
  readonly warnings: readonly string[];
}
