package runtime

import (
	"slices"
	"strconv"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// hostOfContainers is the name by which containers reach this machine.
const hostOfContainers = "host.docker.internal"

// lookUpAddress returns the address of the host that stands for a port of a
// service; ok is false where the text must stay as it is. port is 0 where
// there is none and scheme, which may be "", has no default.
type lookUpAddress func(service string, port int, scheme string) (address string, ok bool)

// rewriteAddresses replaces the addresses of services in a text:
// appdb:5432, and the host of a URL with its port or the default one of the
// scheme. What is only a part of a longer word is none (my-appdb:5432,
// appdb.example.com), nor are the user and the password of a URL.
func rewriteAddresses(text string, services []string, lookUp lookUpAddress) string {
	if !slices.ContainsFunc(services, func(s string) bool { return strings.Contains(text, s) }) {
		return text
	}
	urls := urlsIn(text)
	var out strings.Builder
	done := 0 // what is written already
	for at := 0; at < len(text); {
		end := at
		for end < len(text) && inWord(text[end]) {
			end++
		}
		if end == at {
			at++
			continue
		}
		word := text[at:end]
		if begins(text[:at]) && slices.Contains(services, word) {
			if to, address, ok := addressAt(text, at, end, urls, lookUp); ok {
				out.WriteString(text[done:at])
				out.WriteString(address)
				done, end = to, to
			}
		}
		at = end
	}
	out.WriteString(text[done:])
	return out.String()
}

// addressAt looks at the name of a service, which is text[from:to], and what
// follows it. end is where the address that it found ends.
func addressAt(text string, from, to int, urls []urlPart, lookUp lookUpAddress) (end int, address string, ok bool) {
	url := slices.IndexFunc(urls, func(u urlPart) bool { return u.start <= from && to <= u.end })
	if url >= 0 && from < urls[url].hosts {
		return 0, "", false // the user or the password
	}
	end, port, hasPort := portAt(text, to)
	switch {
	case hasPort:
		address, ok = lookUp(text[from:to], port, "")
	case url >= 0 && (to == urls[url].end || text[to] == ','):
		scheme := urls[url].scheme
		end = to
		address, ok = lookUp(text[from:to], defaultPort(scheme), scheme)
	}
	return end, address, ok
}

// inWord tells what hostnames are made of, and what must not stand beside one.
// Other alphabets and what URLs escape count as parts of longer words.
func inWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '-' || c == '_' || c == '.' || c == '%' || c >= 0x80
}

// begins reports whether an address can begin after a text. A colon is not
// enough (user:appdb:5432), nor is one slash (registry/appdb:5432).
func begins(before string) bool {
	if before == "" || strings.HasSuffix(before, "//") {
		return true
	}
	return strings.ContainsRune(" \t\r\n\"'`,;=(<[{|@&!?", rune(before[len(before)-1]))
}

// portAt reads :5432.
func portAt(text string, at int) (end, port int, ok bool) {
	if at >= len(text) || text[at] != ':' {
		return 0, 0, false
	}
	end = at + 1
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	port, ok = spec.PortNumber(text[at+1 : end])
	if !ok || port == 0 {
		return 0, 0, false
	}
	if end == len(text) {
		return end, port, true
	}
	switch rest := text[end:]; {
	case rest[0] == '@': // a user and a password
		return 0, 0, false
	case rest[0] == '.' && (len(rest) == 1 || !inWord(rest[1])): // the end of a sentence
		return end, port, true
	default:
		return end, port, !inWord(rest[0])
	}
}

// urlPart is the part of a URL between // and the path, by its place in a text.
type urlPart struct {
	scheme            string
	start, hosts, end int // user and password come before the hosts
}

func urlsIn(text string) []urlPart {
	var urls []urlPart
	for at := 0; ; {
		i := strings.Index(text[at:], "://")
		if i < 0 {
			return urls
		}
		colon := at + i
		begin := colon
		for begin > at && (inWord(text[begin-1]) || text[begin-1] == '+') {
			begin--
		}
		u := urlPart{scheme: strings.ToLower(text[begin:colon]), start: colon + 3}
		u.end = len(text)
		if n := strings.IndexAny(text[u.start:], "/?#\\\"'`<>(){}|^ \t\r\n"); n >= 0 {
			u.end = u.start + n
		}
		u.hosts = u.start + strings.LastIndex(text[u.start:u.end], "@") + 1
		urls = append(urls, u)
		at = u.start
	}
}

// defaultPort returns the port that clients take where a URL has none, or 0.
// Of postgresql+asyncpg and git+https one part is known.
func defaultPort(scheme string) int {
	ports := map[string]int{
		"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "sftp": 22, "ssh": 22,
		"postgres": 5432, "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "sqlserver": 1433, "mssql": 1433,
		"redis": 6379, "rediss": 6379, "valkey": 6379, "valkeys": 6379, "mongodb": 27017,
		"amqp": 5672, "amqps": 5671, "nats": 4222, "mqtt": 1883, "mqtts": 8883, "kafka": 9092,
		"smtp": 25, "smtps": 465, "ldap": 389, "ldaps": 636, "memcached": 11211,
		"bolt": 7687, "neo4j": 7687, "cassandra": 9042, "clickhouse": 9000, "couchdb": 5984, "etcd": 2379,
	}
	if port := ports[scheme]; port != 0 {
		return port
	}
	before, after, _ := strings.Cut(scheme, "+")
	if after == "srv" { // the DNS has the port
		return 0
	}
	if port := ports[before]; port != 0 {
		return port
	}
	return ports[after]
}

// hostAddress writes the address at which this machine reaches a port that is
// published.
func hostAddress(p spec.Port) string {
	host := p.HostIP
	switch host {
	case "", "0.0.0.0", "::":
		host = "localhost"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(p.Host)
}
