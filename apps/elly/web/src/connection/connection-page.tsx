import { Anchor, Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router';
import { activeRun, detailsQuery, runsQuery } from '../api/ats.js';
import type { ConnectionDetails } from '../api/ats-schemas.js';
import { FieldTables } from '../integrations/field-tables.js';
import { useTitle } from '../shell/use-title.js';
import { QueryView } from '../states/query-view.js';
import { Section } from '../states/section.js';
import { ConnectionHeader } from './connection-header.js';
import { JustConnected } from './just-connected.js';
import { Overview } from './overview.js';
import { RunHistory } from './run-history.js';
import { StageChanges } from './stage-changes.js';
import { StageMappingEditor } from './stage-mapping-editor.js';
import { WebhookSection } from './webhook-section.js';

const TABS = {
  overview: 'Overview',
  stages: 'Stage mapping',
  fields: 'Fields',
  runs: 'Sync history',
  moves: 'Moves',
  webhooks: 'Webhooks',
} as const;

/** Everything about one connection. */
export default function ConnectionPage() {
  const { connectionId = '' } = useParams();
  const runs = useQuery(runsQuery(connectionId));
  const details = useQuery(detailsQuery(connectionId, activeRun(runs.data) !== undefined));
  useTitle(details.data?.providerName ?? 'Connection');
  return (
    <Stack gap="md">
      <Anchor component={Link} to="/settings/integrations" size="sm" underline="always">
        ← All integrations
      </Anchor>
      <QueryView query={details} failed="The connection could not be loaded" lines={8}>
        {(connection) => <Connection connection={connection} />}
      </QueryView>
    </Stack>
  );
}

function Connection({ connection }: { readonly connection: ConnectionDetails }) {
  const { id, providerName } = connection;
  const [search, setSearch] = useSearchParams();
  const asked = search.get('tab') ?? 'overview';
  const show = (tab: string | null) =>
    setSearch(
      (current) => {
        current.set('tab', tab ?? 'overview');
        return current;
      },
      { replace: true },
    );
  return (
    <Stack gap="lg">
      <JustConnected connection={connection} />
      <ConnectionHeader connection={connection} />
      <Tabs value={Object.hasOwn(TABS, asked) ? asked : 'overview'} onChange={show} keepMounted={false}>
        <Tabs.List mb="md" aria-label={`About the connection to ${providerName}`}>
          {Object.entries(TABS).map(([tab, label]) => (
            <Tabs.Tab key={tab} value={tab}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview connection={connection} />
        </Tabs.Panel>
        <Tabs.Panel value="stages">
          <StageMappingEditor connectionId={id} ats={providerName} />
        </Tabs.Panel>
        <Tabs.Panel value="fields">
          <Section
            title="Fields and their direction"
            about={`What goes “both ways” can be changed in Elly and in ${providerName}; the rest is changed in ${providerName} and read-only in Elly.`}
          >
            <FieldTables fields={connection.fields} ats={providerName} />
          </Section>
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <RunHistory connectionId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="moves">
          <StageChanges connectionId={id} ats={providerName} />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <WebhookSection connectionId={id} ats={providerName} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
