import { MantineProvider } from '@mantine/core';
import '@mantine/core/styles.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ApiProblem } from './api/api-problem.js';
import { App } from './app.js';
import './app.css';
import { readableColours, theme } from './theme.js';

const client = new QueryClient({
  defaultOptions: {
    // `always`: the browser's own idea of being offline is often wrong; a request tells.
    queries: { networkMode: 'always', retry: onceMore, staleTime: 2_000 },
    mutations: { networkMode: 'always' },
  },
});

client.getQueryCache().subscribe(({ query: { state } }) => {
  // The session ran out while the page was open: the next look at it leads to the sign-in page.
  if (state.error instanceof ApiProblem && state.error.status === 401) client.setQueryData(['session'], null);
});

function onceMore(failures: number, error: unknown): boolean {
  return failures < 1 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500);
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element "root".');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={readableColours} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
