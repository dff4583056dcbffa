import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { START_PAGE } from '../session/return-target.js';
import { Empty } from '../states/empty.js';
import { useTitle } from './use-title.js';

export function NotFoundPage() {
  useTitle('Nothing here');
  return (
    <Empty
      title="There is nothing at this address"
      action={
        <Button component={Link} to={START_PAGE}>
          To the integrations
        </Button>
      }
    />
  );
}
