import { MAX_CURSOR, type PageRequest } from '../accounts/page.js';
import { IfGiven, MAX_PAGE, PageSize, Text, TypedEmail } from './fields.js';

/** The queries that the service takes. */

export class PageQuery {
  @IfGiven()
  @Text({ max: MAX_CURSOR, about: 'The `next` of the page before. Absent: the first page.' })
  after?: string;

  @IfGiven()
  @PageSize()
  limit?: string;
}

export class UsersQuery extends PageQuery {
  @IfGiven()
  @TypedEmail()
  email?: string;

  @IfGiven()
  @Text({
    max: 254,
    about: 'How the address begins, in any case. The answer is in the order of the addresses.',
    example: 'ada',
  })
  prefix?: string;
}

export class TimelineQuery {
  @Text({ max: 64, about: 'The id of the user whose session it is.' })
  user!: string;
}

export const pageRequestOf = ({ after, limit }: PageQuery): PageRequest => ({
  after,
  limit: limit === undefined ? MAX_PAGE : Number(limit),
});
