import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** The loop of docs/lab.md, "What your client has to do", around a KeyturnSession. */
public final class LabClient {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static KeyturnSession session;

    public static void main(String[] args) throws Exception {
        String url = System.getenv("LAB_URL");
        session = new KeyturnSession(url + "/auth", Path.of(System.getenv("LAB_STORE"), "session.properties"));
        int port = Integer.parseInt(System.getenv("LAB_STATE_PORT"));
        var state = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        state.createContext("/state", exchange -> {
            String reason = session.reason() == null ? "null" : "\"" + session.reason() + "\"";
            String json = "{\"session\":\"" + (session.isIn() ? "in" : "out") + "\",\"reason\":" + reason + "}";
            exchange.sendResponseHeaders(200, json.length());
            exchange.getResponseBody().write(json.getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        state.start();
        if (!session.isIn()) session.login(System.getenv("LAB_EMAIL"), System.getenv("LAB_PASSWORD"));
        while (session.isIn()) {
            CompletableFuture.allOf(one(url), one(url), one(url)).join();
            Thread.sleep(200);
        }
    }

    private static CompletableFuture<Void> one(String url) {
        return CompletableFuture.runAsync(() -> {
            try {
                var answer = session.send(HttpRequest.newBuilder(work(url)));
                String next = KeyturnSession.field(answer.body(), "next");
                if ("post".equals(next)) {
                    var body = HttpRequest.BodyPublishers.ofString("{\"text\":\"written\"}");
                    session.send(HttpRequest.newBuilder(work(url)).header("Content-Type", "application/json").POST(body));
                }
                if ("logout".equals(next)) session.logout();
            } catch (IOException | InterruptedException error) {
                // The next round tries again. Any other exception is a mistake of KeyturnSession, and ends the program.
            }
        }, command -> new Thread(command).start());
    }

    private static URI work(String url) {
        return URI.create(url + "/api/work?n=" + COUNT.incrementAndGet());
    }
}
