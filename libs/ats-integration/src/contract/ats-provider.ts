import type { ZodType } from 'zod';
import type { AccountProfile, TokenSet } from './auth.js';
import type { ProviderContext } from './context.js';
import type { ProviderFault } from './fault.js';
import type { FieldChangeCapability } from './field-change.js';
import type { ProviderManifest } from './manifest.js';
import type { Cursor, ProviderPage } from './page.js';
import type { JsonValue, RecordKind, ResumeRecord } from './records.js';
import type { StageChangeCapability } from './stage-change.js';
import type { WebhookCapability } from './webhooks.js';

/** What a stream is asked for. */
export type StreamRequest =
  /** Everything. */
  | { readonly mode: 'full' }
  /** What changed in `[since, until]`, both inclusive; repeats are harmless. */
  | { readonly mode: 'changes'; readonly since: Date; readonly until: Date }
  /** Everything that belongs to these jobs: a job was opened and its people are not here yet. */
  | { readonly mode: 'of-jobs'; readonly jobRemoteIds: readonly string[] }
  /** These rows, by the remote id of the stream's first kind. */
  | { readonly mode: 'ids'; readonly remoteIds: readonly string[] };

export type StreamMode = StreamRequest['mode'];

/** One listing of the ATS. The engine owns the loop: it starts the stream, commits each page and keeps the cursor. */
export interface StreamSpec<Config> {
  /** Unique in the provider, stable for ever: it names the stream's cursor in the database. */
  readonly name: string;
  /** Kinds that its pages hold; the first one is what `ids` means. */
  readonly kinds: readonly [RecordKind, ...RecordKind[]];
  /** Without `full` only for history (`stage-stay`): then it is read as what changed since the connection was made. */
  readonly modes: readonly StreamMode[];
  /** Streams that must have ended before this one starts; the others run side by side. */
  readonly after: readonly string[];
  /**
   * Whether a connection that may not read it (`forbidden-scope`, `not-found`) goes without it, until it may.
   * @default false: the run fails
   */
  readonly optional?: boolean;
  /** Whether this deployment wants it. Absent: always. */
  wanted?(config: Config): boolean;
  /**
   * Pages from `cursor` (null: from the start), each with the cursor behind it. Never saves, retries, sleeps or logs in.
   * Throws `ProviderFault`. With the same request and cursor it yields the same rows as long as the ATS did not change.
   */
  pages(context: ProviderContext<Config>, request: StreamRequest, cursor: Cursor | null): AsyncIterable<ProviderPage>;
}

/** Where the bytes of a résumé are. */
export interface FileSource {
  /** https in production; must be on the API's origin or on one of the manifest's `fileHosts`. */
  readonly url: string;
  /** Send the connection's credentials; only ever honoured on the API's own origin. */
  readonly authorised: boolean;
}

export interface ResumeCapability<Config> {
  /**
   * For an ATS that lists résumés only one application at a time: the newest résumé of it, or null. It costs a request
   * each, so the engine does it behind everything else. Absent where a stream of kind `resume` exists.
   */
  ofApplication?(
    context: ProviderContext<Config>,
    application: { readonly remoteId: string; readonly candidateRemoteId: string },
  ): Promise<ResumeRecord | null>;
  /** Where to fetch this résumé now; asked again when a link has expired. Null when it is gone. */
  locate(
    context: ProviderContext<Config>,
    resume: { readonly remoteId: string; readonly locator: JsonValue; readonly expired: boolean },
  ): Promise<FileSource | null>;
}

export interface OAuth2Capability<Config> {
  readonly kind: 'oauth2';
  clientId(config: Config): string;
  clientSecret(config: Config): string;
  /** Parameters beyond the standard ones, such as `audience`. */
  authorizeParameters?(config: Config): Readonly<Record<string, string>>;
  scopes(config: Config): readonly string[];
  /**
   * The authorization server's issuer identifier (RFC 9207). Given: an answer must carry it in `iss`. Absent: the
   * redirect address, one for each provider, tells the servers apart, and an `iss` that comes all the same must be of
   * `authUrl`'s origin.
   */
  issuer?(config: Config): string;
  /** The token endpoint's body → tokens. Throws `ProviderFault('unexpected-shape')`. */
  parseToken(body: unknown, now: Date): TokenSet;
}

export interface ApiKeyCapability {
  readonly kind: 'api-key';
  /** Header that carries the credentials. */
  readonly authorisation: (fields: Readonly<Record<string, string>>) => {
    readonly name: string;
    readonly value: string;
  };
}

/**
 * An ATS that we can talk to: a plain object without state, so it is tested without a container. Functions stand as
 * methods, so that providers of every `Config` go into one list.
 * It imports nothing but this contract and a schema library.
 */
export interface AtsProvider<Config = unknown> {
  readonly manifest: ProviderManifest;
  /** Options of the deployment (client id and secret, addresses); checked when the module starts. Unknown keys are refused. */
  readonly config: ZodType<Config>;
  /** The API's base address, without a trailing slash; its origin is the only one that credentials are sent to. */
  apiUrl(config: Config): string;
  /** The authorisation server's base address, without a trailing slash. */
  authUrl(config: Config): string;
  readonly auth: OAuth2Capability<Config> | ApiKeyCapability;
  readonly streams: readonly StreamSpec<Config>[];
  readonly resumes?: ResumeCapability<Config>;
  /** Moves applications in the ATS. Absent: stages are read-only. */
  readonly stageChanges?: StageChangeCapability<Config>;
  /** Writes candidates' fields back. Absent: the manifest has no bidirectional field of a candidate. */
  readonly fieldChanges?: FieldChangeCapability<Config>;
  readonly webhooks?: WebhookCapability<Config>;
  /** A response that is not 2xx → its fault, or null for the usual reading of the status. */
  classify?(response: { readonly status: number; readonly body: unknown }): ProviderFault | null;
  /** Who authorised, what is missing: asked once after every approval. */
  preflight(
    context: ProviderContext<Config>,
    grant: { readonly accessToken: string; readonly requestedScopes: readonly string[] },
  ): Promise<AccountProfile>;
}

/** Declares a provider; infers its options from the schema. */
export function defineProvider<Config>(provider: AtsProvider<Config>): AtsProvider<Config> {
  return provider;
}
