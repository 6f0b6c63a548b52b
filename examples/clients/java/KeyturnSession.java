import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A session of one user on one device, by java.net.http alone. It does what docs/lab.md says of a good client. */
public final class KeyturnSession {
    /** The codes that end a session; everything else keeps the tokens. */
    private static final Set<String> ENDS =
        Set.of("token_reused", "session_ended", "session_revoked", "session_replaced", "token_invalid");
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    // A redirect would carry the token to whom the answer names.
    private final HttpClient http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
    private final String url;
    private final Path file;
    /** Tokens, and the secret of this device, which the key of an attempt is derived with. */
    private final Properties kept = new Properties();
    private final Object refreshing = new Object();
    private String reason;
    private long pausedUntil;
    private int failures;

    /** The service does not answer now. The tokens are kept. */
    public static final class Unavailable extends IOException {
        Unavailable(String message) {
            super(message);
        }
    }

    /** @param url where the routes of the service are, such as https://auth.shop.example/auth */
    public KeyturnSession(String url, Path file) throws IOException {
        this.url = url;
        this.file = file;
        if (Files.exists(file)) try (var reader = Files.newBufferedReader(file)) { kept.load(reader); }
        if (kept.getProperty("secret") == null) {
            byte[] secret = new byte[32];
            new SecureRandom().nextBytes(secret);
            kept.setProperty("secret", BASE64URL.encodeToString(secret));
            store();
        }
    }

    public synchronized boolean isIn() {
        return kept.getProperty("access") != null;
    }

    /** The code that ended the session; null after a logout. */
    public synchronized String reason() {
        return reason;
    }

    public void login(String email, String password) throws IOException, InterruptedException {
        var answer = post("login", "{\"email\":\"" + email + "\",\"password\":\"" + password + "\"}", null, null);
        if (answer.statusCode() != 200) throw new IOException("login: " + answer.body());
        keep(answer.body());
    }

    /** Sends a request with the access token, and once more after a refresh where the token has ended. */
    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        String token = accessToken();
        var answer = send(request, token);
        if (answer.statusCode() != 401) return answer;
        String code = field(answer.body(), "code");
        if ("token_expired".equals(code)) return send(request, refresh(token));
        if (code != null && ENDS.contains(code)) end(token, code);
        return answer;
    }

    /** Logs out here at once, and then at the service. A refresh under way does not bring the session back. */
    public void logout() throws IOException, InterruptedException {
        String refresh;
        synchronized (this) {
            refresh = kept.getProperty("refresh");
            forget(null);
        }
        if (refresh != null) post("logout", "{\"refresh_token\":\"" + refresh + "\"}", null, null);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String token) throws IOException, InterruptedException {
        var answer = http.send(request.copy().header("Authorization", "Bearer " + token).build(), text());
        var renewed = answer.headers().firstValue("Renewed-Access-Token");
        if (renewed.isPresent()) take(renewed.get());
        return answer;
    }

    /** One refresh at a time. A caller with an older token gets the newer one. */
    private String refresh(String failed) throws IOException, InterruptedException {
        synchronized (refreshing) {
            String now = accessToken();
            if (!now.equals(failed)) return now;
            String token;
            synchronized (this) {
                token = kept.getProperty("refresh");
            }
            long pause = pausedUntil - System.nanoTime();
            if (pause > 0) Thread.sleep(Duration.ofNanos(pause).toMillis() + 1);
            HttpResponse<String> answer;
            try {
                answer = post("refresh", "{\"refresh_token\":\"" + token + "\"}", null, attemptKey(token));
            } catch (IOException error) {
                throw unavailable(null);
            }
            String code = field(answer.body(), "code");
            if (answer.statusCode() == 401 && code != null && ENDS.contains(code)) end(failed, code);
            // A page of a captive portal is no answer of the service, whatever its status.
            if (answer.statusCode() != 200 || field(answer.body(), "access_token") == null)
                throw unavailable(answer.headers().firstValue("Retry-After").orElse(null));
            failures = 0;
            synchronized (this) {
                if (!token.equals(kept.getProperty("refresh"))) {
                    // Logged out meanwhile: the successor must not live on.
                    post("logout", "{\"refresh_token\":\"" + field(answer.body(), "refresh_token") + "\"}", null, null);
                    throw new IOException("logged out");
                }
                keep(answer.body());
                return kept.getProperty("access");
            }
        }
    }

    private Unavailable unavailable(String retryAfter) {
        long seconds = Math.max(Math.min(60, 1L << Math.min(failures++, 6)), secondsOf(retryAfter));
        pausedUntil = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        return new Unavailable("The service cannot be reached; the next try is in " + seconds + " s.");
    }

    /** Retry-After is seconds or a date; what cannot be read is 0. An hour at most, since a clock may be wrong. */
    static long secondsOf(String retryAfter) {
        if (retryAfter == null) return 0;
        long seconds;
        try {
            seconds = retryAfter.matches("\\d{1,9}")
                ? Long.parseLong(retryAfter)
                : ChronoUnit.SECONDS.between(Instant.now(), RFC_1123_DATE_TIME.parse(retryAfter, Instant::from)) + 1;
        } catch (DateTimeParseException unreadable) {
            return 0;
        }
        return Math.max(0, Math.min(3600, seconds));
    }

    private synchronized String accessToken() throws IOException {
        if (!isIn()) throw new IOException("signed out");
        return kept.getProperty("access");
    }

    /** A renewed token counts if it is of the same session and ends later. */
    private synchronized void take(String renewed) throws IOException {
        String held = kept.getProperty("access");
        if (held == null) return;
        boolean sameSession = claim(held, "sid").equals(claim(renewed, "sid"));
        if (!sameSession || Long.parseLong(claim(renewed, "exp")) <= Long.parseLong(claim(held, "exp"))) return;
        kept.setProperty("access", renewed);
        store();
    }

    private synchronized void keep(String tokens) throws IOException {
        kept.setProperty("access", field(tokens, "access_token"));
        kept.setProperty("refresh", field(tokens, "refresh_token"));
        reason = null;
        store();
    }

    private synchronized void end(String token, String code) throws IOException {
        if (token.equals(kept.getProperty("access"))) forget(code);
        throw new IOException(code);
    }

    private synchronized void forget(String code) throws IOException {
        kept.remove("access");
        kept.remove("refresh");
        reason = code;
        store();
    }

    private void store() throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try (var writer = Files.newBufferedWriter(next)) {
            kept.store(writer, null);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The same for each try with this token, and nobody who has only the token can make it. */
    private String attemptKey(String token) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(kept.getProperty("secret").getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return BASE64URL.encodeToString(mac.doFinal(token.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }

    private HttpResponse<String> post(String path, String json, String bearer, String key)
        throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url + "/" + path)).timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json));
        if (bearer != null) request.header("Authorization", "Bearer " + bearer);
        if (key != null) request.header("Idempotency-Key", key);
        return http.send(request.build(), text());
    }

    private static HttpResponse.BodyHandler<String> text() {
        return HttpResponse.BodyHandlers.ofString();
    }

    private static String claim(String token, String name) {
        return field(new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), StandardCharsets.UTF_8), name);
    }

    /** A field of a flat JSON object; the answers of the service are flat. Take your JSON library instead. */
    static String field(String json, String name) {
        var found = Pattern.compile("\"" + name + "\"\\s*:\\s*(?:\"([^\"]*)\"|([0-9]+))").matcher(json == null ? "" : json);
        if (!found.find()) return null;
        return found.group(1) != null ? found.group(1) : found.group(2);
    }
}
