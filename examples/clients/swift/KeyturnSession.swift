import CryptoKit
import Foundation

/// A session of one user on one device. An actor, so that one refresh runs at a time; `Vault` wraps the key chain.
public actor KeyturnSession {
    public struct Ended: Error { public let code: String }
    public struct Unavailable: Error {}
    public protocol Vault: Sendable {
        func read(_ name: String) -> String?
        func write(_ name: String, _ value: String?)
    }

    private static let ends: Set = ["token_reused", "session_ended", "session_revoked", "session_replaced", "token_invalid"]
    private let url: URL
    private let vault: Vault
    private let http: URLSession
    private var flight: Task<String, Error>?

    public init(url: URL, vault: Vault, http: URLSession = .shared) {
        (self.url, self.vault, self.http) = (url, vault, http)
        if vault.read("secret") == nil {
            vault.write("secret", SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() })
        }
    }

    /// Sends a request with the access token, and once more after a refresh where the token has ended.
    public func send(_ request: URLRequest) async throws -> (Data, HTTPURLResponse) {
        guard let token = vault.read("access") else { throw Ended(code: "token_missing") }
        let (data, answer) = try await send(request, token)
        guard answer.statusCode == 401, Self.field("code", data) == "token_expired" else { return (data, answer) }
        return try await send(request, refreshed(token))
    }

    /// Logs out here at once, then at the service. A refresh under way does not bring the session back.
    public func logout() async {
        let token = vault.read("refresh")
        for name in ["access", "refresh"] { vault.write(name, nil) }
        if let token { _ = try? await post("logout", ["refresh_token": token], key: nil) }
    }

    private func send(_ request: URLRequest, _ token: String) async throws -> (Data, HTTPURLResponse) {
        var request = request
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        let (data, answer) = try await http.data(for: request, delegate: NoRedirects())
        return (data, answer as! HTTPURLResponse)
    }

    private func refreshed(_ failed: String) async throws -> String {
        // Another request has refreshed meanwhile.
        if let held = vault.read("access"), held != failed { return held }
        if let flight { return try await flight.value }
        let task = Task { try await self.refresh() }
        flight = task
        defer { flight = nil }
        return try await task.value
    }

    private func refresh() async throws -> String {
        guard let token = vault.read("refresh") else { throw Ended(code: "token_missing") }
        let (data, answer) = try await post("refresh", ["refresh_token": token], key: attemptKey(token))
        if answer.statusCode == 401, let code = Self.field("code", data), Self.ends.contains(code) {
            for name in ["access", "refresh"] { vault.write(name, nil) }
            throw Ended(code: code)
        }
        // 503, 429, a captive portal: the tokens are kept, and the caller tries again later.
        guard answer.statusCode == 200, let access = Self.field("access_token", data) else { throw Unavailable() }
        guard vault.read("refresh") == token else { throw Ended(code: "token_missing") } // Logged out meanwhile.
        vault.write("access", access)
        vault.write("refresh", Self.field("refresh_token", data))
        return access
    }

    /// The same for each try with this token, and nobody who has only the token can make it.
    private func attemptKey(_ token: String) -> String {
        let key = SymmetricKey(data: Data(base64Encoded: vault.read("secret")!)!)
        let mac = Data(HMAC<SHA256>.authenticationCode(for: Data(token.utf8), using: key)).base64EncodedString()
        return mac.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
    }

    private func post(_ path: String, _ body: [String: String], key: String?) async throws -> (Data, HTTPURLResponse) {
        var request = URLRequest(url: url.appendingPathComponent(path), timeoutInterval: 10)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue(key, forHTTPHeaderField: "Idempotency-Key")
        request.httpBody = try JSONEncoder().encode(body)
        let (data, answer) = try await http.data(for: request, delegate: NoRedirects())
        return (data, answer as! HTTPURLResponse)
    }

    private static func field(_ name: String, _ data: Data) -> String? {
        (try? JSONSerialization.jsonObject(with: data) as? [String: Any])?[name] as? String
    }
}

/// A redirect would carry the token to whom the answer names.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(_: URLSession, task _: URLSessionTask, willPerformHTTPRedirection _: HTTPURLResponse,
                    newRequest _: URLRequest) async -> URLRequest? { nil }
}
