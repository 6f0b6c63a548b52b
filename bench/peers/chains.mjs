/**
 * Each connection rotates a chain of its own.
 * @param requestWith the request with a refresh token
 * @param field what the answer calls the next one
 */
export const chainsOf =
  (requestWith, field = 'refresh_token') =>
  ({ refreshTokens, tokens = refreshTokens }) => {
    const current = [...tokens];
    const issued = new RegExp(`"${field}":"([^"]+)"`);
    return (connection, answer) => {
      if (answer !== null) current[connection] = issued.exec(answer)?.[1];
      return requestWith(current[connection]);
    };
  };
