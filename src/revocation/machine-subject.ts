import { noUsersName } from './no-users-name.js';

/** Under what name store and feed know a client that has tokens of its own. */
export const machineSubject = (clientId: string): string => noUsersName(`client ${clientId}`);
