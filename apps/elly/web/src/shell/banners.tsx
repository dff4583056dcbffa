import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { bannersQuery } from '../api/ats.js';
import type { Banner } from '../api/ats-schemas.js';
import { ReconnectButton } from '../connection/reconnect-button.js';
import { useSession } from '../session/use-session.js';

const COLOURS = { reconnect: 'red', expiring: 'yellow', suspended: 'yellow' } as const;

/** On every page until somebody acts: an ATS that wants a new sign-in, one that soon will, one beyond the plan. */
export function Banners() {
  const { data } = useQuery(bannersQuery);
  if (data === undefined || data.banners.length === 0) return null;
  return (
    <Stack gap="sm">
      {data.banners.map((banner) => (
        <BannerAlert key={`${banner.connectionId}${banner.kind}`} banner={banner} />
      ))}
    </Stack>
  );
}

function BannerAlert({ banner }: { readonly banner: Banner }) {
  const { role } = useSession();
  return (
    <Alert color={COLOURS[banner.kind]} title={banner.title} role="status">
      <Group justify="space-between" gap="sm">
        <Text size="sm" style={{ flex: '1 1 20rem' }}>
          {banner.message}
        </Text>
        {role === 'admin' ? <Way banner={banner} /> : null}
      </Group>
    </Alert>
  );
}

function Way({ banner: { action, connectionId } }: { readonly banner: Banner }) {
  if (action.kind === 'reconnect')
    return <ReconnectButton connectionId={connectionId} label={action.label} size="xs" />;
  return (
    <Button component={Link} to="/settings/billing" size="xs">
      {action.label}
    </Button>
  );
}
