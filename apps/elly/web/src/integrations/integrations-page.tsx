import { Stack, Text, TextInput, Title } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { catalogueQuery, connectionsQuery, planUseQuery } from '../api/ats.js';
import { workspaceQuery } from '../api/elly.js';
import { useSession } from '../session/use-session.js';
import { useTitle } from '../shell/use-title.js';
import { Empty } from '../states/empty.js';
import { Failure } from '../states/failure.js';
import { Loading } from '../states/loading.js';
import { CatalogueCard } from './catalogue-card.js';
import { ConnectFailed } from './connect-failed.js';
import { ConnectionCard } from './connection-card.js';
import { obstacleTo } from './obstacles.js';
import { PlanBar } from './plan-bar.js';

/** Settings → Integrations: what is connected, what can be, and what that costs. */
export function IntegrationsPage() {
  useTitle('Integrations');
  const [search] = useSearchParams();
  const connected = search.get('connection');
  if (connected !== null)
    return <Navigate to={`/settings/integrations/${encodeURIComponent(connected)}?connected`} replace />;
  return (
    <Stack gap="lg">
      <Stack gap={2}>
        <Title order={1}>Integrations</Title>
        <Text c="dimmed">Keep jobs, candidates and applications in step with your ATS.</Text>
      </Stack>
      <ConnectFailed />
      <Connections />
    </Stack>
  );
}

function Connections() {
  const { role } = useSession();
  const [wanted, setWanted] = useState('');
  const loaded = useQueries({ queries: [catalogueQuery, connectionsQuery, planUseQuery, workspaceQuery] });
  const [catalogue, connections, planUse, workspace] = loaded;
  const failed = loaded.find(({ isError, data }) => isError && data === undefined);
  if (failed !== undefined) {
    return (
      <Failure
        error={failed.error}
        title="The integrations could not be loaded"
        onRetry={() => void failed.refetch()}
      />
    );
  }
  if (!catalogue.data || !connections.data || !planUse.data || !workspace.data) return <Loading lines={8} />;
  const { credits } = workspace.data;
  const obstacle = obstacleTo({ role, plan: planUse.data, credits });
  const words = wanted.trim().toLowerCase();
  const found = catalogue.data.filter(({ name, summary }) => `${name} ${summary}`.toLowerCase().includes(words));
  return (
    <>
      <PlanBar plan={planUse.data} credits={credits} />
      {connections.data.length === 0 ? null : (
        <Stack gap="sm" component="section" aria-label="Your connections">
          <Title order={2}>Your connections</Title>
          {connections.data.map((connection) => (
            <ConnectionCard key={connection.id} connection={connection} />
          ))}
        </Stack>
      )}
      <Stack gap="sm" component="section" aria-label="Catalogue">
        <Title order={2}>Connect an ATS</Title>
        <TextInput
          aria-label="Search the catalogue"
          type="search"
          placeholder="Search for your ATS"
          maw="24rem"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <Text size="sm" c="dimmed" role="status">
          {words === '' ? '' : `${found.length} of ${catalogue.data.length} found`}
        </Text>
        {found.map((entry) => (
          <CatalogueCard
            key={entry.id}
            entry={entry}
            obstacle={obstacle}
            cost={planUse.data.connectCredits}
            credits={credits}
          />
        ))}
        {found.length > 0 ? null : (
          <Empty title={words === '' ? 'No ATS can be connected' : `No ATS is called “${wanted.trim()}”`}>
            {words === ''
              ? 'Elly’s operator has registered with none. Each ATS that is registered appears here.'
              : 'Try another spelling. Elly’s operator can add more ATSs: each is one folder in the library.'}
          </Empty>
        )}
      </Stack>
    </>
  );
}
