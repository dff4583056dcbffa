import { lazy } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { IntegrationsPage } from './integrations/integrations-page.js';
import { START_PAGE } from './session/return-target.js';
import { SignInPage } from './session/sign-in-page.js';
import { SignedIn } from './session/signed-in.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { Shell } from './shell/shell.js';

const ConnectionPage = lazy(() => import('./connection/connection-page.js'));
const BillingPage = lazy(() => import('./billing/billing-page.js'));

/** Every address of the front end. */
export function App() {
  return (
    <Routes>
      <Route path="/sign-in" element={<SignInPage />} />
      <Route
        element={
          <SignedIn>
            <Shell />
          </SignedIn>
        }
      >
        <Route index element={<Navigate to={START_PAGE} replace />} />
        <Route path="/settings/integrations" element={<IntegrationsPage />} />
        <Route path="/settings/integrations/:connectionId" element={<ConnectionPage />} />
        <Route path="/settings/billing" element={<BillingPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
