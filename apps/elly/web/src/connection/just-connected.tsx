import { Alert } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { ConnectionDetails } from '../api/ats-schemas.js';

/** Back from the ATS: it worked, and what happens now. */
export function JustConnected({ connection }: { readonly connection: ConnectionDetails }) {
  const [search, setSearch] = useSearchParams();
  const { providerName, awaitsStart } = connection;
  if (!search.has('connected')) return null;
  const close = () =>
    setSearch(
      (current) => {
        current.delete('connected');
        return current;
      },
      { replace: true },
    );
  return (
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
  );
}
