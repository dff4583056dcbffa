import { Alert, List } from '@mantine/core';

/** What the check of the permissions found that Elly may not see or do; the sync goes on without it. */
export function PermissionWarnings({ warnings, ats }: { readonly warnings: readonly string[]; readonly ats: string }) {
  if (warnings.length === 0) return null;
  return (
    <Alert color="yellow" title={`What Elly may not do in ${ats}`}>
      <List size="sm" spacing={4}>
        {warnings.map((warning) => (
          <List.Item key={warning}>{warning}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
