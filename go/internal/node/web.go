package node

import "github.com/scaler-native/scaler-native/go/internal/control/web"

// listenHTTP opens what --http-address asks for, before anything runs that an address in use would be a pity for; nil
// where nothing is asked for.
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
		n.log.Infof("metrics and a page are at %s", server.URL())
	}
	return server, err
}
