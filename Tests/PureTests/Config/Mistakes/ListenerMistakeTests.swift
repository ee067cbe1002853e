import Testing

@Suite("mistakes of a configuration: listeners") struct ListenerMistakeTests {
    @Test("each is told with its place and its cure", arguments: cases)
    func told(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let cases: [MistakeCase] = [
        MistakeCase(
            listen: "",
            "1:1: \"listen\" is missing; add \"listen: ...\" (address, or list of addresses and maps)"),
        MistakeCase(
            listen: "listen: 8080",
            "2:9: listen: 8080 is a port without an address; write 127.0.0.1:8080, or :8080 for all addresses"),
        MistakeCase(
            listen: "listen: example.com:80",
            "2:9: listen: \"example.com:80\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        MistakeCase(
            listen: "listen: 127.0.0.1",
            "2:9: listen: \"127.0.0.1\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        MistakeCase(
            listen: "listen: 127.0.0.1:65536",
            "2:9: listen: \"127.0.0.1:65536\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        MistakeCase(
            listen: "listen: 1.2.3:80",
            "2:9: listen: \"1.2.3:80\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        MistakeCase(
            listen: "listen: \"[::1:80\"",
            "2:9: listen: \"[::1:80\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        MistakeCase(
            listen: "listen: []",
            "2:9: listen: is an empty list; write an address such as 127.0.0.1:8080"),
        MistakeCase(
            listen: "listen: ~",
            "2:9: listen: has no value; write an address such as 127.0.0.1:8080"),
        MistakeCase(
            listen: "listen: [127.0.0.1:80, {address: 127.0.0.1:80}]",
            "2:24: listen[1]: 127.0.0.1:80 is listed twice; remove one"),
        MistakeCase(
            listen: "listen: {addres: 127.0.0.1:80}",
            "2:10: listen.addres: unknown setting; did you mean \"address\"?"),
        MistakeCase(
            listen: "listen: {address: \":80\", tls: {certificate: cert.pem}}",
            "2:26: listen.tls: \"key\" is missing; add \"key: ...\" (path)"),
        MistakeCase(
            listen: "listen: {address: \":80\", tls: {certificate: key.pem, key: cert.pem}}",
            "2:45: listen.tls.certificate: conf/key.pem has no PEM block \"CERTIFICATE\"; name a PEM file that begins with -----BEGIN ... CERTIFICATE-----",
            "2:59: listen.tls.key: conf/cert.pem has no PEM block \"PRIVATE KEY\"; name a PEM file that begins with -----BEGIN ... PRIVATE KEY-----"
        ),
        MistakeCase(
            listen: "listen: {address: \":80\", tls: {certificate: gone.pem, key: folder}}",
            "2:45: listen.tls.certificate: conf/gone.pem: there is no such file; relative paths are relative to this file",
            "2:60: listen.tls.key: conf/folder: this is a folder, not a file; relative paths are relative to this file"),
        MistakeCase(
            listen: "listen: {address: \":80\", tls: {cert: cert.pem, key: forbidden}}",
            "2:32: listen.tls.cert: unknown setting; did you mean \"certificate\"?",
            "2:53: listen.tls.key: conf/forbidden: permission to read the file is denied; relative paths are relative to this file"
        ),
        MistakeCase(
            listen: "listen: {address: [], tls: on}",
            "2:19: listen.address: is a list, but one value is expected; write an address such as 127.0.0.1:8080",
            "2:28: listen.tls: is not a map of settings; write \"certificate: ...\"; known here: certificate, key"),
        MistakeCase(
            listen: "listen: {address: :80}",
            "2:19: this is not valid YAML: did not find expected node content; put quotes around a text that begins with \":\" or \"[\", such as an address"
        ),
    ]
}
