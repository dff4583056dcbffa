import { credentialsContext, revocationContext, verifierContext, webhookSecretContext } from './sealed-contexts.js';

export type SealedTableName = 'connections' | 'connect_states' | 'revocations' | 'webhook_secrets';

export interface SealedRow {
  readonly key: string;
  readonly connection_id: string;
  readonly workspace_id: string;
  readonly sealed: string;
}

export interface SealedTable {
  readonly name: SealedTableName;
  readonly column: string;
  readonly key: string;
  readonly keyType: 'uuid' | 'text';
  readonly connectionId: string;
  contextOf(row: SealedRow): string;
  /** How a person finds the row: never by what authorises anything. */
  idOf(row: SealedRow): string;
}

/** Every column that holds something sealed. */
export const SEALED_TABLES: readonly SealedTable[] = [
  {
    name: 'connections',
    column: 'sealed_credentials',
    key: 'id',
    keyType: 'uuid',
    connectionId: 'id',
    contextOf: (row) => credentialsContext({ id: row.key, workspaceId: row.workspace_id }),
    idOf: (row) => row.key,
  },
  {
    name: 'connect_states',
    column: 'sealed_verifier',
    key: 'state_hash',
    keyType: 'text',
    connectionId: 'connection_id',
    contextOf: (row) => verifierContext(row.connection_id),
    idOf: (row) => row.connection_id,
  },
  {
    name: 'revocations',
    column: 'sealed_credentials',
    key: 'id',
    keyType: 'uuid',
    connectionId: 'connection_id',
    contextOf: (row) => revocationContext({ id: row.key, workspaceId: row.workspace_id }),
    idOf: (row) => row.key,
  },
  {
    name: 'webhook_secrets',
    column: 'sealed_secret',
    key: 'id',
    keyType: 'uuid',
    connectionId: 'connection_id',
    contextOf: (row) => webhookSecretContext({ id: row.key, workspaceId: row.workspace_id }),
    idOf: (row) => row.key,
  },
];
