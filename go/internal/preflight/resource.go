package preflight

import "golang.org/x/sys/unix"

func openFiles() budget {
	limit := budget{name: "the hard limit RLIMIT_NOFILE", limit: unlimited,
		remedy: "raise it by LimitNOFILE= of the service, --ulimit nofile= of the container, or /etc/security/limits.conf"}
	var is unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &is) == nil {
		limit.limit = uint64(is.Max)
	}
	return limit
}

// coreLimit returns the soft limit, which is the one that applies.
func coreLimit() uint64 {
	var is unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &is) != nil {
		return unlimited
	}
	if uint64(is.Cur) == unix.RLIM_INFINITY {
		return unlimited
	}
	return uint64(is.Cur)
}
