/**
 * What each sealed column authenticates with its text: a value that was moved to another row, workspace or column does
 * not open. All of them stand here, so that a key rotation finds each one.
 */
export function credentialsContext(connection: { readonly id: string; readonly workspaceId: string }): string {
  return `v1|${connection.workspaceId}|${connection.id}|connections.sealed_credentials`;
}

export function verifierContext(connectionId: string): string {
  return `v1|${connectionId}|connect_states.sealed_verifier`;
}

export function revocationContext(revocation: { readonly id: string; readonly workspaceId: string }): string {
  return `v1|${revocation.workspaceId}|${revocation.id}|revocations.sealed_credentials`;
}

export function webhookSecretContext(secret: { readonly id: string; readonly workspaceId: string }): string {
  return `v1|${secret.workspaceId}|${secret.id}|webhook_secrets.sealed_secret`;
}
