// Java: `Client.java h1|h2 ORIGIN AUTHORITY (METHOD PATH)...`

import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

class Client {
    public static void main(String[] words) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var authority = new FileInputStream(words[2])) {
            store.setCertificateEntry("matrix", CertificateFactory.getInstance("X.509").generateCertificate(authority));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        var version = words[0].equals("h2") ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1;
        var client = HttpClient.newBuilder().sslContext(tls).version(version).build();
        for (int at = 3; at < words.length; at += 2) {
            var content = words[at].equals("POST") ? BodyPublishers.ofString("some=content") : BodyPublishers.noBody();
            var request = HttpRequest.newBuilder(URI.create(words[1] + words[at + 1])).method(words[at], content);
            client.send(request.build(), BodyHandlers.ofByteArray());
        }
    }
}
