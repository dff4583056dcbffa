import { Alert, List, Stack, Text } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { ConnectionDetails } from '../api/ats-schemas.js';

/** Back from the ATS: it worked, and what the check of the permissions found. */
export function JustConnected({ connection }: { readonly connection: ConnectionDetails }) {
  const [search, setSearch] = useSearchParams();
  const { providerName, warnings, awaitsStart } = connection;
  const fresh = search.has('connected');
  const close = () =>
    setSearch(
      (current) => {
        current.delete('connected');
        return current;
      },
      { replace: true },
    );
  return (
    <>
      {fresh ? (
        <Alert
          color="green"
          title={`${providerName} is connected`}
          role="status"
          withCloseButton
          closeButtonLabel="Close"
          onClose={close}
        >
          {awaitsStart
            ? 'Start the import when you are ready.'
            : 'What is there is being imported. You can leave this page, and use what has come in already.'}
        </Alert>
      ) : null}
      {warnings.length === 0 ? null : (
        <Alert color="yellow" title="What Elly may not do there">
          <Stack gap="xs">
            <Text size="sm">The check of the permissions found this:</Text>
            <List size="sm" spacing={4}>
              {warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          </Stack>
        </Alert>
      )}
    </>
  );
}
