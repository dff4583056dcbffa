import { AppShell, Burger, Container, Group, NavLink, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { Loading } from '../states/loading.js';
import { OfflineNotice } from '../states/offline-notice.js';
import { Banners } from './banners.js';
import { ColourSchemeButton } from './colour-scheme-button.js';
import { UserMenu } from './user-menu.js';

const PAGES = [
  { to: '/settings/integrations', label: 'Integrations' },
  { to: '/settings/billing', label: 'Plan and credits' },
] as const;

/** What stands around every page: navigation, who is signed in, and what everybody has to know. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip-link" href="#page">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            <Group gap="xs" wrap="nowrap">
              <img src="/favicon.svg" width="28" height="28" alt="" />
              <Text fw={700} size="lg">
                Elly
              </Text>
            </Group>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ColourSchemeButton />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Settings">
        <Text size="sm" c="dimmed" px="sm" py="xs" fw={600}>
          Settings
        </Text>
        {PAGES.map(({ to, label }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            active={pathname.startsWith(to)}
            {...(pathname.startsWith(to) ? { 'aria-current': 'page' as const } : {})}
            onClick={close}
          />
        ))}
        <NavLink href="/api/docs" label="API documentation" mt="auto" />
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        <Container size="lg" px={0}>
          <Stack gap="lg" pb="xl">
            <OfflineNotice />
            <Banners />
            <Suspense fallback={<Loading lines={6} />}>
              <Outlet />
            </Suspense>
          </Stack>
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}
