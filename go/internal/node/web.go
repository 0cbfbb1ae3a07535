package node

import "github.com/scaler-native/scaler-native/go/internal/control/web"

// listenHTTP listens at --http-address, before anything else has started, in case the address is in use. It returns nil
// without that option.
func (n *node) listenHTTP() (*web.Server, error) {
	if !n.plan.Given("http_address") {
		return nil, nil
	}
	token, err := n.plan.ReadHTTPToken()
	if err != nil {
		return nil, err
	}
	server, err := web.Listen(web.Options{
		Address:     n.plan.HTTPAddress.String(),
		Host:        n.plan.HTTPAddress.Host,
		Loopback:    n.plan.HTTPAddress.Loopback(),
		Token:       token,
		Certificate: n.plan.HTTPTLSCert,
		Key:         n.plan.HTTPTLSKey,
		Log:         n.log,
	})
	if err == nil {
		n.log.Infof("metrics and a status page are at %s", server.URL())
	}
	return server, err
}
