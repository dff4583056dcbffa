import { Alert, Anchor, Text } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';

/** What the way back from the ATS says when the connect came to nothing: `?error=…&message=…&connectionId=…`. */
export function ConnectFailed() {
  const [search, setSearch] = useSearchParams();
  if (!search.has('error')) return null;
  const connectionId = search.get('connectionId');
  return (
    <Alert
      color="red"
      title="The ATS was not connected"
      role="alert"
      withCloseButton
      closeButtonLabel="Close"
      onClose={() => setSearch({}, { replace: true })}
    >
      <Text size="sm">{search.get('message') ?? 'The sign-in was not finished. Connect again.'}</Text>
      {connectionId === null || !/^[0-9a-f-]{36}$/i.test(connectionId) ? null : (
        <Anchor component={Link} to={`/settings/integrations/${connectionId}`} size="sm" underline="always">
          See the connection
        </Anchor>
      )}
    </Alert>
  );
}
